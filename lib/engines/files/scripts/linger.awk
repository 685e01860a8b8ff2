# linger.awk -v missed=FILE OWN GONE NEW: the manifest NEW, and what of OWN is missed in it for the first time, kept until it is missed again. A scan takes a
# while: what is renamed meanwhile it may see neither here nor there, and replicas would remove it and have to copy it again. GONE are the paths that
# were missed the last time; those of now are written to FILE.
function inode(version) { return substr(version, 1, index(version ":", ":") - 1) }

# is_in_folder PATH: whether that is a folder still. What neither of them has is as it was.
function is_in_folder(path) { return path in there ? there[path] == "d" : !(path in own) }

FILENAME == ARGV[1] { path = path_of_line(); line[++count] = $0; place[count] = path; key[count] = $1 inode($3); own[path]; next }
FILENAME == ARGV[2] { missed_before[$0]; next }
{ there[path_of_line()] = $1; if ($1 != "l") seen[$1 inode($3)]; put($0) }
END {
  begin_list(missed)
  for (i = 1; i <= count; i++) {
    path = place[i]
    if (path in there || path in missed_before || key[i] in seen || !is_in_folder(parent(path))) continue
    there[path] = substr(line[i], 1, 1)
    put(line[i])
    put_in(missed, path)
  }
}
