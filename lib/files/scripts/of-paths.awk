# of-paths.awk PATHS MANIFEST: the lines of MANIFEST that are of PATHS, a path a line.
FILENAME == ARGV[1] { wanted[$0]; next }
path_of_line() in wanted
