# look.awk -v wanted=FILE -v missed=YES-OR-NOTHING WANTED DELTA LIST: the manifest that DELTA makes of the manifest
# LIST; and to FILE what the log needs for it, `MD5 SIZE PATH`: of WANTED, which it needed for LIST, what is still in
# it, and what is new. A content is new that LIST has not: so each list has what the one before it has, and what was new
# since. Where lists between the two were missed, every content in DELTA is taken for new, as it may have been gone for
# a while.
BEGIN { begin_list(wanted) }
FILENAME == ARGV[1] { asked[$1]; next }
FILENAME == ARGV[2] {
  is_new = $1 == "+"
  $0 = substr($0, 3)
  changed[is_new ? path_of_line() : $0]
  if (!is_new) next
  added[++count] = $0
  if ($1 == "f") fresh[$4]
  next
}
function size(version,   parts) { return split(version, parts, ":") > 1 ? parts[2] : "?" }
{ path = path_of_line() }
$1 == "f" && ($4 in fresh) { was[$4] }
path in changed { next }
{ put($0) }
$1 == "f" && (($4 in asked) || ($4 in fresh)) { place[$4] = size($3) " " path }
END {
  for (i = 1; i <= count; i++) {
    $0 = added[i]
    put($0)
    if ($1 == "f") place[$4] = size($3) " " path_of_line()
  }
  for (sum in asked) if (sum in place) put_in(wanted, sum " " place[sum])
  for (sum in fresh) if (!(sum in asked) && (missed || !(sum in was))) put_in(wanted, sum " " place[sum])
}
