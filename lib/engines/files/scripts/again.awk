# again.awk BEFORE NOW: the paths that are in both.
FILENAME == ARGV[1] { before[$0]; next }
$0 in before { put($0) }
