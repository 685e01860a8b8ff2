# delta.awk OLD NEW: what is different between two manifests: `+ LINE` of NEW for what is new or changed, `- PATH` for
# what is gone.
FILENAME == ARGV[1] { old[path_of_line()] = $0; next }
{
  path = path_of_line()
  if (!(path in old) || old[path] != $0) put("+ " $0)
  delete old[path]
}
END { for (path in old) put("- " path) }
