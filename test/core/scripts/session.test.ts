import { Sandbox } from './sandbox';

let sandbox: Sandbox;
beforeEach(() => (sandbox = new Sandbox(0)));
afterEach(() => sandbox.dispose());

// A shell is a client, too: it runs what it is told, prints, and then the line that ends an answer.
const session = `
  . "$scripts/session.sh"
  session_end_command='echo .'
  ask() { if core_session_ask "$1"; then log "yes: \${core_answer[*]@Q}"; else log "no: \${core_answer[*]@Q}"; fi; }`;
/** Waits for a first row as ever, and for the second not long. */
const impatient =
  'read() { local limit=0.5; ((${#core_answer[@]} == 0)) || limit=0.01; builtin read -rt "$limit" -u "$core_session_in" row; }';

async function log(script: string): Promise<string[]> {
  const { status, log: lines } = await sandbox.run(`${session}\n${script}`);
  expect(status).toBe(0);
  return lines;
}

test('a client stays connected, and answers in rows', async () => {
  expect(
    await log(
      'core_session_open bash; ask "echo one; echo two words"; ask :; ask "echo; echo x"; ask "x=kept"; ask \'echo "$x"\'',
    ),
  ).toEqual(["yes: 'one' 'two words'", 'yes: ', "yes: '' 'x'", 'yes: ', "yes: 'kept'"]);
});

test('backslashes and blanks of a row are kept', async () => {
  sandbox.write('stub/row', ' a\\b\\n \n');
  expect(await log('core_session_open bash; ask \'cat "$STUB/row"\'')).toEqual(["yes: ' a\\b\\n '"]);
});

test('a row may come in pieces, and take its time', async () => {
  expect(await log('core_session_open bash; ask "printf o; sleep 0.7; printf n; sleep 0.7; echo e"')).toEqual([
    "yes: 'one'",
  ]);
});

test('who is told to stop waits for no answer any more, and may ask again', async () => {
  const begin = Date.now();
  expect(
    await log(`core_leaving='' STATEFUL_TOLD_MARK=$STUB/told; core_session_open bash; (builtin read -rt 0.7 <> <(:) || : >"$STUB/told") & ask "exec sleep 1000"; log "\${session_pid:-closed}"
    core_session_open bash; ask "sleep 0.7; echo one"`),
  ).toEqual(['no: ', 'closed', "yes: 'one'"]);
  expect(Date.now() - begin).toBeLessThan(4500);
});

test('without a session there is no answer', async () => {
  expect(await log('ask "echo x"')).toEqual(['no: ']);
});

test('a client may end at once, before the script has taken the ends of its pipes', async () => {
  // Bash would forget these as soon as it sees that end; how soon that is, is chance.
  expect(
    await log('for ((i = 0; i < 300; i++)); do core_session_open true; done; core_session_open bash; ask "echo x"'),
  ).toEqual(["yes: 'x'"]);
});

describe('a session is closed', () => {
  const state = 'log "${session_pid:-closed}"';
  const lives = 'if kill -0 "$pid" 2>/dev/null; then log lives; fi';

  test('when its client ends, before it is asked or while', async () => {
    expect(await log(`core_session_open bash; ask "exit 1"; ${state}; ask :`)).toEqual(['no: ', 'closed', 'no: ']);
    expect(
      await log(`core_session_open sleep 1000; kill "$session_pid"; wait "$session_pid" || true; ask :; ${state}`),
    ).toEqual(['no: ', 'closed']);
  });

  test('when there is no whole answer in time; another one can be opened', async () => {
    expect(
      await log(
        `core_session_open bash; ${impatient}; ask "echo half; exec sleep 1000"; ${state}; unset -f read; core_session_open bash; ask "echo whole"`,
      ),
    ).toEqual(["no: 'half'", 'closed', "yes: 'whole'"]);
  });

  test('when its client says that it lost its connection, though it goes on', async () => {
    const client = `core_session_open bash; session_broken='@(gone|Error:) *'; pid=$session_pid`;
    expect(
      await log(`${client}; ask "echo one; echo Error: x; echo two"; ${state}; ${lives}; log "$core_session_error"`),
    ).toEqual(["no: 'one'", 'closed', 'Error: x']);
    expect(
      await log(`${client}; ask "echo gone x"; core_session_open bash; ask "echo Error; echo an Error: x"`),
    ).toEqual(['no: ', "yes: 'Error' 'an Error: x'"]);
  });

  test('by no row, where a client has no such line', async () => {
    expect(await log('core_session_open bash; ask "echo Error: x; echo; echo two"')).toEqual([
      "yes: 'Error: x' '' 'two'",
    ]);
  });

  test('with its client, which others see as connected', async () => {
    expect(await log(`core_session_open sleep 1000; pid=$session_pid; core_session_close; ${state}; ${lives}`)).toEqual(
      ['closed'],
    );
  });

  test('twice without harm, also where there is none', async () => {
    expect(
      await log(`core_session_close; core_session_open bash; core_session_close; core_session_close; ${state}`),
    ).toEqual(['closed']);
  });

  test('when another is opened', async () => {
    expect(
      await log(`core_session_open bash; pid=$session_pid; core_session_open bash; ${lives}; ask "echo new"`),
    ).toEqual(["yes: 'new'"]);
  });
});

test('asking in a session that is gone is an error, not the end of the script', async () => {
  // Its end of the pipe is closed, so that writing raises SIGPIPE.
  expect(
    await log(
      'core_session_open bash -c "exec <&-; echo closed; exec sleep 1000"; IFS= read -r row <&"$core_session_in"; log "$row"; ask "echo x"; log "goes on"',
    ),
  ).toEqual(['closed', 'no: ', 'goes on']);
});
