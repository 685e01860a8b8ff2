# reached.awk -v missing=MISSING -v own=OWN MISSING OWN TARGET: the manifest of a tree that has come from OWN to TARGET
# but for MISSING, a path a line: there is what there was before, if anything. A folder was removed before the file came
# that is missing.
FILENAME == missing { lost[$0]; next }
{ path = path_of_line() }
FILENAME == own && $1 == "d" { next }
FILENAME == own { if (path in lost) old[path] = $1 == "l" ? $0 : $1 " " $2 " ? " $4 " " path; next }
!(path in lost) { put($0); next }
path in old { put(old[path]) }
