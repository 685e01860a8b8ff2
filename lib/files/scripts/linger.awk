# linger.awk -v gone=FILE OWN GONE NEW: what of the manifest OWN is missed in NEW for the first time, to be kept in it until it is missed again. A scan takes a
# while: what is renamed meanwhile it may see neither here nor there, and replicas would remove it and have to copy it again. GONE, which is written
# anew, are the paths that were missed the last time.
function parent(path) { return match(path, /\/[^\/]*$/) ? substr(path, 1, RSTART - 1) : "" }
function inode(version) { return substr(version, 1, index(version ":", ":") - 1) }

FILENAME == ARGV[1] { path = path_of_line(); line[++count] = $0; place[count] = path; key[count] = $1 inode($3); next }
FILENAME == gone { missed[$0]; next }
{ there[path_of_line()] = $1; if ($1 != "l") seen[$1 inode($3)] }
END {
  printf "" >gone
  there[""] = "d"
  for (i = 1; i <= count; i++) {
    path = place[i]
    if (path in there || path in missed || key[i] in seen || there[parent(path)] != "d") continue
    there[path] = substr(line[i], 1, 1)
    print line[i]
    print path >gone
  }
}
