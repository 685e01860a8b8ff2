# doubtful.awk MANIFEST: paths of the files of which the manifest does not say what they are.
$1 == "f" && $4 == "?" { put(path_of_line()) }
