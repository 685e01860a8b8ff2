# reached.awk -v missing=MISSING -v own=OWN MISSING OWN TARGET: the manifest of a tree that has come from OWN to TARGET but for MISSING, a path a line: there is
# what there was before, if anything, and it may be doubtful.
FILENAME == missing { lost[$0]; next }
{ path = path_of_line() }
FILENAME == own { if (path in lost) old[path] = $1 " " $2 " ? ? " path; next }
!(path in lost) { print; next }
path in old { print old[path] }
