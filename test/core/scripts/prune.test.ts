import { Sandbox } from './sandbox';

// The store is a folder, and the clock is the test's: sixty days of backups, and what is left of them each evening.

/** Each day is some dozens of processes. */
jest.setTimeout(150_000);

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox(0, { retention: String(14 * 86400) });
  sandbox.patience = 120_000;
});
afterEach(() => sandbox.dispose());

const STORE = `
  stage=$STUB
  . "$scripts/chain.sh"
  . "$scripts/prune.sh"
  store=$STUB/store
  core_store_path() { printf '%s' "$store/$1"; }
  core_store_folder() { core_store_path "$1/"; }
  core_store_failed() { log "failed: $*"; }
  core_store_read() { cat "$store/$1"; }
  core_store_get() { cp "$store/$1" "$2" 2>/dev/null || return 4; }
  eval "$(declare -f core_fetch_index | sed 's/core_fetch_index/core_fetch_sound_index/')"
  core_fetch_index() { local text; read -rd '' text <"$store/$1/base/$2/index" || printf '%s\\n' "$text" >"$3"; }
  core_store_list() {
    local path=$store/$1
    [[ -d $path ]] || return 0
    case $* in
      *-R*index*) (cd "$path" && find . -name index -printf '%P\\n' | sort) ;;
      *--dirs-only*) (cd "$path" && find . -mindepth 1 -maxdepth 1 -type d -printf '%P/\\n' | sort) ;;
      *) (cd "$path" && find . -type f -printf '%P\\n' | sort) ;;
    esac
  }
  core_store_do() { shift; case $1 in purge) rm -rf "$2" ;; deletefile) rm "$2" ;; esac; }
  engine_prune_log() { oldest=$2; }
  now=0
  date() { if [[ $* == "-u +%s" ]]; then echo "$now"; else command date "$@"; fi; }
  begin=$(command date -u -d 2026-01-01T00:00:00Z +%s)
  # take DAY [PARENT]: a backup that begins at three, and ends ten minutes later; of what changed since the one of that
  # day.
  take() {
    local name index
    name=$(stamp $((begin + $1 * 86400 + 3 * 3600))) index=$store/set/base/$name/index
    mkdir -p "$store/set/base/$name"
    command date -u -d "@$((begin + $1 * 86400 + 3 * 3600 + 600))" +'ended %FT%TZ' >"$index"
    if [[ -n \${2:-} ]]; then
      printf 'parent %s %064d\\n' "$(stamp $((begin + $2 * 86400 + 3 * 3600)))" 0 >>"$index"
    fi
  }
  prove() { mkdir -p "$store/set/proven"; : >"$store/set/proven/$(stamp $((begin + $1 * 86400 + 3 * 3600)))"; }
  evening() { now=$((begin + $1 * 86400 + 20 * 3600)); }
  left() { core_store_list set/base --dirs-only | sed -E 's/^2026(..)(..)T.*/\\1-\\2/' | tr '\\n' ' '; }`;

const run = async (script: string): Promise<{ readonly out: string[]; readonly log: string[] }> => {
  const { out, log } = await sandbox.run(`${STORE}\n${script}`);
  return { out: out.split('\n').slice(0, -1), log };
};

test('in sixty days of backups, proven each Sunday, every second of the last fourteen days can be restored each evening', async () => {
  const { out } = await run(`
    for ((day = 0; day < 60; day++)); do
      take "$day"; if ((day % 7 == 6)); then prove "$day"; fi; evening "$day"; core_prune set
      printf '%s %s\\n' "$day" "$(core_store_list set/base --dirs-only | wc -l)"
      # The oldest that is left ended before the window begins, or nothing has gone yet.
      first=$(core_store_list set/base --dirs-only | head -n 1); first=$(command date -u -d "$(sed -n 's/^ended //p' "$store/set/base/$first/index")" +%s)
      ((first <= now - retention || first == begin + 3 * 3600 + 600)) || echo "HOLE on day $day"
    done
    left`);
  expect(out.filter((line) => line.startsWith('HOLE'))).toEqual([]);
  const counts = out.slice(0, 60).map((line) => Number(line.split(' ')[1]));
  expect(Math.max(...counts)).toBeLessThanOrEqual(16);
  expect(counts[59]).toBe(15);
});

test('nothing goes as long as no newer one was proven', async () => {
  const { out } = await run(
    'for ((day = 0; day < 40; day++)); do take "$day"; evening "$day"; core_prune set; done; left | wc -w; prove 39; core_prune set; left | wc -w',
  );
  expect(out.map(Number)).toEqual([40, 15]);
});

test('what a restore reads stays, and all that is newer', async () => {
  const { out } = await run(`
    for ((day = 0; day < 40; day++)); do take "$day"; prove "$day"; done; evening 39
    mkdir -p "$store/set/reading"; : >"$store/set/reading/$(stamp $((begin + 5 * 86400 + 3 * 3600))).$(stamp $((now - 3600)))"
    core_prune set; left | wc -w
    now=$((now + 2 * 86400)); core_prune set; left | wc -w`);
  expect(out.map(Number)).toEqual([35, 13]);
});

test('a store that lets nothing be deleted keeps everything, and it is said', async () => {
  const { out, log } = await run(`
    core_store_do() { return 1; }
    for ((day = 0; day < 20; day++)); do take "$day"; prove "$day"; done; evening 19; core_prune set; left | wc -w`);
  expect(out.map(Number)).toEqual([20]);
  expect(log[0]).toMatch(/^failed: set\/base\/.*\/index could not be deleted, and stays$/);
});

test('what was never complete goes after two days; one that is being made stays', async () => {
  const { out, log } = await run(`
    take 0; prove 0; mkdir -p "$store/set/base/$(stamp $((begin + 86400)))" "$store/set/base/$(stamp $((begin + 5 * 86400)))"
    evening 5; core_prune set; left; echo`);
  expect(out).toEqual(['01-01 01-06 ']);
  expect(log).toEqual(['removed what was left of the backup 20260102T000000Z, which was never complete']);
});

test('a store that does not say what it has: nothing is deleted', async () => {
  const { out, log } = await run(
    'for ((day = 0; day < 20; day++)); do take "$day"; prove "$day"; done; evening 19; core_store_list() { return 1; }; core_prune set || true; ls "$store/set/base" | wc -l',
  );
  expect(out.map(Number)).toEqual([20]);
  expect(log).toEqual(['failed: it does not say which backups it has: nothing was deleted']);
});

describe('of backups that hold what changed since the one before', () => {
  test('what one that stays builds on stays, and all else goes as before', async () => {
    const { out } = await run(`
      for ((day = 0; day < 60; day++)); do
        if ((day % 7 == 0)); then take "$day"; else take "$day" "$((day - 1))"; fi
        if ((day % 7 == 6)); then prove "$day"; fi; evening "$day"; core_prune set
        names=" $(core_store_list set/base --dirs-only | tr -d / | tr '\\n' ' ')"
        for index in "$store"/set/base/*/index; do
          parent=$(core_parent_in "$index")
          [[ -z $parent || $names == *" \${parent% *} "* ]] || echo "LACKS \${parent% *} on day $day"
        done
        first=$(core_store_list set/base --dirs-only | head -n 1); first=$(command date -u -d "$(sed -n 's/^ended //p' "$store/set/base/$first/index")" +%s)
        ((first <= now - retention || first == begin + 3 * 3600 + 600)) || echo "HOLE on day $day"
        printf '%s %s\\n' "$day" "$(wc -w <<<"$names")"
      done`);
    expect(out.filter((line) => /^(HOLE|LACKS)/.test(line))).toEqual([]);
    const counts = out.map((line) => Number(line.split(' ')[1]));
    expect(Math.max(...counts)).toBeLessThanOrEqual(16 + 6);
    expect(counts.at(-1)).toBe(15 + 3); // the window begins on day 45, whose full one is of day 42
  });

  test('the parent of one that is proven stays as long as that does', async () => {
    const { out } = await run(`
      take 0; take 1 0; prove 1; take 2 1; take 3; take 4 3; evening 30; core_prune set; left; echo
      prove 4; core_prune set; left; echo`);
    expect(out).toEqual(['01-01 01-02 01-03 01-04 01-05 ', '01-04 01-05 ']);
  });

  test('nothing goes where the index of one that stays is damaged: it may build on any', async () => {
    const { out, log } = await run(`
      for ((day = 0; day < 20; day++)); do take "$day"; prove "$day"; done; evening 19
      for index in "$store"/set/base/*/index; do sum=$(sha256sum <"$index"); echo "sum \${sum%% *}" >>"$index"; done
      core_fetch_index() { core_fetch_sound_index "$@"; }
      echo x >>"$store/set/base/$(stamp $((begin + 10 * 86400 + 3 * 3600)))/index"
      core_prune set || true; left | wc -w`);
    expect(out.map(Number)).toEqual([20]);
    expect(log).toEqual([
      'DAMAGED: the index of set/base/20260111T030000Z is not what was written',
      'it is not known on which others they build: no older backup was deleted',
    ]);
  });
});
