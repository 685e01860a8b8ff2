# What the other programs for manifests share (manifest.sh, `on_manifests`). A line of a manifest is TYPE PERMISSIONS VERSION CHECKSUM PATH.
function path_of_line() { return substr($0, length($1 $2 $3 $4) + 5) }

# A line of md5sum is CHECKSUM PATH, with two blanks; coreutils marks it with a backslash where it has doubled those of the path.
function checksum() { return substr($1, 1, 1) == "\\" ? substr($1, 2) : $1 }
function summed_path(   path) {
  path = substr($0, length($1) + 3)
  if (substr($1, 1, 1) == "\\") gsub(/\\\\/, "\\", path)
  return path
}
