# sound.awk MANIFEST: whether it is one of a tree: each entry once, in a folder that is there too. Prints the first that
# is not so, and ends with status 4.
{
  path = path_of_line()
  if (!is_entry(path) || path in kind) refuse($0)
  kind[path] = $1
}
END {
  kind[""] = "d"
  for (path in kind) if (kind[parent(path)] != "d") refuse("in no folder: " path)
}
