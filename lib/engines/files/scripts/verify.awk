# verify.awk -v staged=STAGED -v sums=SUMS -v copies=COPIES -v wrong=FILE STAGED SUMS COPIES MANIFEST: prints those of
# COPIES, a path a line, that have not the checksum that MANIFEST says, by what md5sum printed into SUMS. What of STAGED
# is not what MANIFEST says of a copy is written to FILE.
BEGIN { begin_list(wrong) }
FILENAME == staged { is_staged[$0]; next }
FILENAME == sums { summed[summed_path()] = checksum(); next }
FILENAME == copies { wanted[$0]; next }
$1 == "f" {
  path = path_of_line()
  if (!(path in wanted)) next
  if (path in summed && summed[path] == $4) right[path]; else put(path)
}
END { for (path in is_staged) if (!(path in right)) put_in(wrong, path) }
