# each-path.awk MANIFEST...: their entries, those of the first that has the path.
{ path = path_of_line() }
!(path in seen) { seen[path]; put($0) }
