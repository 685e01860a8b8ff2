# shellcheck shell=sh disable=SC3043
# Ordinal 0 looks at its files: what is their manifest now?

# scan: the manifest of `files` in $work/scan. Only what has changed since $work/own is read. $data/scanned is when the scan began that $work/own is from.
scan() {
  began=$(date -u +%FT%T)
  rm -f "$work/unreadable" "$work/to-read" "$work/unknown"
  touch "$work/unreadable" "$work/to-read" "$work/unknown" "$work/gone" "$work/kept"
  list_files "$files" >"$work/list"
  : >"$work/sums"
  with_checksums to-read >"$work/scan"
  if [ -s "$work/to-read" ]; then
    attend sum_files "$files" "$work/to-read" "$work/sums" # it may take a while, and a signal must not wait for it
    with_checksums unknown >"$work/scan"
  fi
  cat "$work/kept" >>"$work/gone"
  on_manifests linger.awk -v gone="$work/gone" "$work/own" "$work/gone" "$work/scan" >"$work/lingering"
  cat "$work/lingering" >>"$work/scan"
  keep_what_is_there
  paths_that_are_there <"$work/unknown" >>"$work/not-given"
  LC_ALL=C sort -u "$work/not-given" >>"$work/unreadable"
}
with_checksums() { # LIST: of those that have none
  on_manifests checksums.awk -v sums="$work/sums" -v unknown="$work/$1" -v scanned="$(cat "$data/scanned" 2>/dev/null)" \
    "$work/own" "$work/sums" "$work/list"
}
# note_scan: what was scanned is $work/own now.
note_scan() { printf '%s\n' "$began" >"$data/scanned"; }

# keep_what_is_there: replicas remove what is missed. So each is looked for by its name before it is: a list may end early, and of what a disk does not give
# there is no checksum. What the application keeps from us is missed all the same.
keep_what_is_there() {
  on_manifests missed.awk "$work/own" "$work/scan" "$work/unreadable" >"$work/missed"
  paths_that_are_there <"$work/missed" >"$work/there"
  on_manifests of-paths.awk "$work/there" "$work/own" >>"$work/scan"
  # What was kept the last time too has not just come again: somebody must hear of it.
  awk 'FILENAME == ARGV[1] { before[$0]; next } $0 in before' "$work/kept" "$work/there" >"$work/not-given"
  mv -T "$work/there" "$work/kept"
}
# paths_that_are_there: those of standard input.
paths_that_are_there() {
  # shellcheck disable=SC2016 # it is for the shell that xargs starts
  tr '\n' '\0' | (cd "$files" && xargs -0 sh -c 'for path; do if [ -f "$path" ] || [ -d "$path" ] || [ -L "$path" ]; then printf "%s\n" "$path"; fi; done' -)
}

# tell_unreadable: says what is not replicated, and who must do something.
tell_unreadable() {
  if [ -s "$work/unreadable" ]; then
    say "NOT REPLICATED: $(($(wc -l <"$work/unreadable"))) files or folders that cannot be read, '$(head -n 1 "$work/unreadable")' for one: give the group" \
      "leave to read them (umask 0027), and it happens by itself"
  elif [ -n "$said" ]; then
    said=
    log "all files can be read"
  fi
}
