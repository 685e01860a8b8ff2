# matched.awk -v missing=FILE SUMS WANTED: of WANTED, `MD5 SIZE PATH`, what md5sum has printed into SUMS as it is
# wanted, as `MD5 PATH`. The paths of the others are written to FILE.
BEGIN { begin_list(missing) }
FILENAME == ARGV[1] { summed[summed_path()] = checksum(); next }
{
  path = substr($0, length($1 $2) + 3)
  if (path in summed && summed[path] "" == $1 "") put($1 " " path); else put_in(missing, path)
}
