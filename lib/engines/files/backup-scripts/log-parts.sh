# shellcheck shell=bash
# How lists and contents become parts of the log. For log-look.sh, which says what that is.

archive_size=$((16 << 20)) # of small contents; then they are packed
part_size=$((8 << 20))     # of lists
noted=                     # the position of the last list that is in the log,
noted_run=                 # its run, where a part has begun
behind_since=              # by clock, since when none is, as files change before they can be read;
behind_told=               # and whether that was said
part_since=0               # by clock, since when there is a list in the open part
leaving_since=             # by clock, when this pod was told to stop
pieces=()                  # of the large content that is being read

# note_if_had [ARCHIVE]: the list that was looked at last becomes part of the log, if its contents can be had: from the
# archive that was published with it, or as the files are now.
# Globals: looked_at (set).
note_if_had() {
  local core_now core_now_cs
  if [[ $seen == "$noted" ]]; then return 0; fi
  core_clock
  looked_at=$core_now
  if ! is_empty "$work/wanted"; then
    { had_of_next && drop_unwanted &&
      on_manifests still-wanted.awk "$work/had" "$work/wanted" >"$work/to-collect"; } || {
      say_no_room_to_wait
      return 1
    }
    if [[ -n ${1:-} && -e $1 ]] && small_of "$work/to-collect"; then
      collect "$1" "$work/small-ones" "$open/next" log && had_of_next &&
        on_manifests still-wanted.awk "$work/had" "$work/wanted" >"$work/to-collect" || return 1
    fi
    collect '' "$work/to-collect" "$open/next" log || return 1
    if ((not_had > 0)); then
      behind_since=${behind_since:-$core_now}
      if [[ -z $behind_told ]] && ((core_now - behind_since > max_data_loss)); then
        behind_told=yes
        log "NOT IN THE LOG: no list for $((core_now - behind_since)) s, as files change before they can be read," \
          "'$first_not_had' for one. Keep what is written all the time elsewhere"
      fi
      return 0
    fi
  fi
  note
}
# had_of_next: what was read of the list that is looked at, in $work/had.
had_of_next() {
  {
    (cd "$open/next" && find . -type f -printf '%P\n') && cut -d ' ' -f 2 "$open/next-contents"
  } | ended >"$work/had" && whole "$work/had"
}
# drop_unwanted: of what was read, what has changed since.
drop_unwanted() {
  entries "$work/wanted" | cut -d ' ' -f 1 | ended >"$work/sums-wanted" &&
    (cd "$open/next" && find . -type f -printf '%P\n') | ended >"$work/staged" &&
    on_manifests still-wanted.awk "$work/sums-wanted" "$work/staged" >"$work/unwanted" &&
    paths "$work/unwanted" | (cd "$open/next" && xargs -0 -r rm -f --)
}
# small_of LIST: those that go with a change, in $work/small-ones; fails where there are none.
small_of() { entries "$1" | awk '$2 <= 65536' | ended >"$work/small-ones" && ! is_empty "$work/small-ones"; }

log_takes_small() { # FOLDER
  goes_on && {
    (($(du -sb "$1" | cut -f 1) < archive_size)) || pack_small "$1" "$open/next-contents"
  } && send_meanwhile
}
# log_takes_piece FILE MD5 NUMBER
# Globals: pieces (set).
log_takes_piece() {
  (($3 > 0)) || pieces=()
  goes_on && engine_compress <"$1" >"$unsent/new" && put_contents || return 1
  pieces+=("$put_name")
  send_meanwhile
}
log_takes_large() { echo "pieces $1 ${pieces[*]}" >>"$open/next-contents"; } # MD5 COUNT
# goes_on: a pod that stops does not read for long.
# Globals: leaving_since (set).
goes_on() {
  local core_now core_now_cs
  core_hear
  [[ -n ${core_leaving:-} ]] || return 0
  core_clock
  leaving_since=${leaving_since:-$core_now}
  ((core_now - leaving_since < 20))
}
# pack_small FOLDER NAMED: what is in it, as contents that the file NAMED then tells of.
pack_small() {
  (cd "$1" && find . -type f -printf '%P\n' | LC_ALL=C sort) >"$work/packed" || return 1
  [[ -s $work/packed ]] || return 0
  { tar -c -C "$1" -T "$work/packed" -f - | engine_compress >"$unsent/new" && put_contents &&
    sed "s/.*/archive & $put_name/" "$work/packed" >"$work/packed-names" && cat "$work/packed-names" >>"$2" &&
    rm -rf "$1" && mkdir "$1"; } || {
    say_no_room_to_wait
    return 1
  }
}
# put_contents: $unsent/new waits to be sent.
# Globals: number, put_name (set).
put_contents() {
  local sum
  sync "$unsent/new" && sum=$(sha256sum <"$unsent/new") || return 1
  number=$((number + 1))
  printf -v put_name '%09d-%s' "$number" "${sum%% *}"
  mv -T "$unsent/new" "$unsent/contents/$put_name"
}

# note: the list that was looked at last is in the log: in the open part.
# Globals: noted, noted_run, since_full, part_since (set).
note() {
  local kind=delta list=$work/since size core_now core_now_cs
  if [[ -n $since_full ]]; then kind=full list=$work/have; fi
  if [[ -n $noted_run && $noted_run != "${seen##* }" ]]; then make_part || return 1; fi # all of a part is of one run
  # What it needs comes first, so that no list is there without it.
  { cat "$open/next-contents" >>"$open/contents" && : >"$open/next-contents" && ln -f "$work/have" "$work/noted.new" &&
    (cd "$open/next" && find . -type f -print0 | xargs -0 -r mv -t "$open/small" --) &&
    size=$(stat -c %s "$open/lists"); } || {
    say_no_room_to_wait
    return 1
  }
  { echo "list ${seen#* } $seen_time $kind $(count_of "$list")" && entries "$list"; } >>"$open/lists" || {
    truncate -s "$size" "$open/lists"
    say_no_room_to_wait
    return 1
  }
  core_clock
  [[ -n $noted_run ]] || part_since=$core_now
  [[ -z $behind_told ]] || log "what is published is in the log again"
  noted=$seen noted_run=${seen##* } since_full='' behind_since='' behind_told=''
  mv -T "$work/noted.new" "$work/noted" && no_entries "$work/since" "$work/wanted"
}

# make_part_if_due: when its first list has waited for as long as may be lost, less what sending takes.
make_part_if_due() {
  local core_now core_now_cs
  [[ -n $noted_run ]] || return 0
  core_clock
  if [[ -n ${core_leaving:-} ]] ||
    ((core_now - part_since >= max_data_loss - 5 || $(stat -c %s "$open/lists") > part_size)); then
    make_part
  fi
}
# make_part: of what is open; from then on the next container goes on from there.
# Globals: part, noted_run (set).
make_part() {
  local first sum name
  [[ -n $noted_run ]] || return 0
  pack_small "$open/small" "$open/contents" || return 1
  first=$(lowest_number)
  { lines_of_part | ended | engine_compress >"$unsent/new-part" && sum=$(sha256sum <"$unsent/new-part") &&
    cp "$work/noted" "$unsent/list-$((part + 1))" && whole "$unsent/list-$((part + 1))" &&
    sync "$unsent/list-$((part + 1))" "$unsent/new-part"; } || {
    say_no_room_to_wait
    return 1
  }
  printf -v name '%09d-%09d-%s-%s-%s.gz' $((part + 1)) "$first" "$(mark_of "$noted")" "${noted##* }" "${sum%% *}"
  mv -T "$unsent/new-part" "$unsent/lists/$name" && sync "$unsent/lists" "$unsent/contents" || return 1
  part=$((part + 1))
  write_state || {
    part=$((part - 1))
    rm -f "$unsent/lists/$name"
    say_no_room_to_wait
    return 1
  }
  find "$unsent" -maxdepth 1 -name 'list-*' ! -name "list-$part" -delete
  : >"$open/lists" && : >"$open/contents"
  noted_run=
}
lines_of_part() { echo "log 1 $((part + 1))" && cat "$open/contents" "$open/lists"; }
# lowest_number: of the contents that the open part names, or what is read meanwhile; else that which comes next.
lowest_number() {
  awk -v lowest=$((number + 1)) '
    { for (i = 3; i <= NF; i++) if (substr($i, 1, 9) + 0 < lowest) lowest = substr($i, 1, 9) + 0 }
    END { print lowest }' "$open/contents" "$open/next-contents"
}
write_state() {
  printf '1 %s %s %s %s\n%s\n' "$branch_id" "${branch:--}" "$part" "$number" "$noted" >"$unsent/new-state" &&
    sync "$unsent/new-state" && mv -T "$unsent/new-state" "$unsent/state" && sync "$unsent"
}
