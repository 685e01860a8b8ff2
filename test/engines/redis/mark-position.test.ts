import { go, pod, run, sandbox } from './pod';

describe('mark_position', () => {
  // What the function in the data says, and the mark that is written after so many changes since the last snapshot.
  const mark = (says: string, history = 'ERR Function not found'): string => `
    core_session_ask() {
      if [[ $1 == 'FCALL_RO stateful_position 0' ]]; then core_answer=('${says}'); return; fi
      if [[ $1 == 'FCALL_RO stateful_history 0' ]]; then core_answer=('${history}'); return; fi
      [[ $1 =~ name=(stateful[a-z_]*).*return\\ \\'([^\\']*)\\' ]] && [[ \${BASH_REMATCH[1]} == stateful ]] && log "\${BASH_REMATCH[2]}" || log "past: \${BASH_REMATCH[2]}"
      core_answer=("\${BASH_REMATCH[1]}")
    }
    at() { info[rdb_changes_since_last_save]=$1; mark_position; }`;

  test('begins with new data, which has no function', async () => {
    expect((await run(`${mark('ERR Function not found')}; at 0`, 0)).log).toEqual(['7f 1 1 0 R']);
  });

  test('begins again with data that came from another', async () => {
    expect((await run(`${mark('8e 3 40 20 R')}; at 0`, 0)).log).toEqual(['7f 1 1 0 R']);
  });

  test('after a restart of the server is another era, which begins where the last one was', async () => {
    expect((await run(`${mark('7f 3 40 20 Q')}; at 0`, 0)).log).toEqual(['past: Q 40', '7f 4 41 40 R']);
  });

  test('and the former eras are kept, the last first, but not for ever', async () => {
    expect((await run(`${mark('7f 3 40 20 Q', 'P 20 O 5')}; at 0`, 0)).log).toEqual([
      'past: Q 40 P 20 O 5',
      '7f 4 41 40 R',
    ]);
    expect((await run(`${mark('7f 3 40 20 Q', 'P 20 O 5')}; history_length=2; at 0`, 0)).log).toEqual([
      'past: Q 40 P 20',
      '7f 4 41 40 R',
    ]);
  });

  test("of data that strayed from the set's, and is the set's now: it says that no more", async () => {
    expect((await run(`${mark('7f 3 40 20 Q strayed')}; at 0`, 0)).log).toEqual(['past: Q 40', '7f 4 41 40 R']);
  });

  test.each([
    '7f 3 40 20 R; x',
    '7f 3 a[$(touch$IFS$STUB/pwned)] 20 Q',
    '7f 3 08 20 Q',
    '7f 3 99999999999999999999 20 Q',
    'ERR x',
  ])('marks nothing where the data says %j', async (says) => {
    const { log } = await run(`${mark(says)}; remove_foreign_functions() { log removes; }; at 0; at 1`, 0);
    expect(log).toEqual(['removes', 'removes']);
    expect(sandbox.has('stub/pwned')).toBe(false);
  });

  test('marks nothing where the history is none', async () => {
    expect((await run(`${mark('7f 3 40 20 Q', 'P x')}; at 0`, 0)).log).toEqual([]);
  });

  test('after a restart of the sidecar alone is the same era', async () => {
    expect((await run(`${mark('7f 3 40 20 R')}; at 0`, 0)).log).toEqual(['7f 3 41 20 R']);
  });

  test('counts while data changes, but not its own change', async () => {
    const { log } = await run(
      `${mark('7f 3 40 20 R')}; at 5; log -; at 6; log -; at 7; at 8; at 9; log -; at 10; at 0; at 1`,
      0,
    );
    expect(log).toEqual(['7f 3 41 20 R', '-', '-', '7f 3 42 20 R', '7f 3 43 20 R', '-', '7f 3 44 20 R']);
  });

  test('is written as a function that changes nothing, and that a replica answers without its primary', async () => {
    expect(
      (await run('info[rdb_changes_since_last_save]=0; position=(7f 3 40 20 R) changes=; mark_position', 0)).log[0],
    ).toBe(
      "FUNCTION LOAD REPLACE \"#!lua name=stateful\\nredis.register_function{function_name='stateful_position', " +
        "callback=function() return '7f 3 41 20 R' end, flags={'no-writes', 'allow-stale'}}\"",
    );
  });

  test('says once why it could not, and asks the data again', async () => {
    const { log } = await run(
      `${mark('7f 3 40 20 R')}
      core_session_ask() { log "\${1%% *}"; core_answer=('7f 3 40 20 R'); [[ $1 == FCALL* ]] || core_answer=(MISCONF 'no room'); }; at 5; at 5`,
      0,
    );
    expect(log).toEqual([
      'FCALL_RO',
      'FUNCTION',
      'could not record the position: MISCONF no room',
      'FCALL_RO',
      'FUNCTION',
    ]);
  });

  test('where the memory is full: without its limit for a moment', async () => {
    const { log } = await run(
      `${mark('7f 3 40 20 R')}
      core_session_ask() { log "\${1//$'\\n'/ + }"; case $1 in FCALL*) core_answer=('7f 3 40 20 R') ;; FUNCTION*) core_answer=('OOM x') ;; *GET*) core_answer=(maxmemory "$there") ;; *) core_answer=(OK stateful OK) ;; esac; }
      there=100; at 5; position=() there='1 x'; at 6`,
      0,
    );
    expect(log.map((line) => line.replace(/FUNCTION.*?\}"/, 'LOAD'))).toEqual([
      'FCALL_RO stateful_position 0',
      'LOAD',
      'CONFIG GET maxmemory',
      'CONFIG SET maxmemory 0 + LOAD + CONFIG SET maxmemory 100',
      'FCALL_RO stateful_position 0',
      'LOAD',
      'CONFIG GET maxmemory',
    ]);
  });

  test("a library of somebody's that has a function of these names is removed, whatever it says of itself", async () => {
    const list =
      '[{"library_name":"mine","engine":"LUA","functions":[{"name":"a","description":"\\"library_name\\":\\"other\\" \\"name\\":\\"stateful_position\\"","flags":[]}]},' +
      '{"library_name":"stateful","engine":"LUA","functions":[{"name":"x","description":null,"flags":[]}]},' +
      '{"library_name":"evil","engine":"LUA","functions":[{"name":"stateful_position","description":null,"flags":[]}]}]';
    pod(0);
    sandbox.write('state/token', 'token\n');
    sandbox.write('stub/list', list);
    const { log } = await go(`
      timeout() { [[ $* == "5 redis-cli -s $socket --user stateful --json FUNCTION LIST" ]] && cat "$STUB/list"; }
      core_session_ask() {
        log "\${1:0:24}"
        case $1 in
          FCALL*) core_answer=('7f 3 40 20 R') ;;
          'FUNCTION DELETE evil') core_answer=(OK) removed=yes ;;
          *) if [[ -n \${removed:-} ]]; then core_answer=(stateful); else core_answer=('ERR Function stateful_position already exists'); fi ;;
        esac
      }
      info[rdb_changes_since_last_save]=5; mark_position`);
    expect(log).toEqual([
      'FCALL_RO stateful_positi',
      'FUNCTION LOAD REPLACE "#',
      "removing the library of functions 'evil', which has a function of the set's own",
      'FUNCTION DELETE evil',
      'FUNCTION LOAD REPLACE "#',
    ]);
  });

  test('marks nothing where the server does not answer', async () => {
    expect(
      await run(
        'core_session_ask() { log "$1"; core_answer=(); return 1; }; remove_foreign_functions() { :; }; info[rdb_changes_since_last_save]=0; mark_position; echo "${#position[@]}"',
        0,
      ),
    ).toMatchObject({ out: '0\n', log: ['FCALL_RO stateful_position 0'] });
  });
});
