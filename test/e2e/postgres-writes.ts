/** What the writer's ids need: tables, a sequence, a function and a procedure. */
export const SCHEMA = `
CREATE TABLE e2e_writes (id bigint PRIMARY KEY, kind text, note text, number bigint UNIQUE, object oid, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE TABLE e2e_other (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text NOT NULL);
CREATE TABLE e2e_scratch (id bigint);
CREATE TABLE e2e_parts (id bigint, kind text) PARTITION BY HASH (id);
CREATE TABLE e2e_parts_0 PARTITION OF e2e_parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE e2e_parts_1 PARTITION OF e2e_parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE SEQUENCE e2e_numbers;
CREATE TYPE e2e_mood AS ENUM ('first');
CREATE FUNCTION e2e_function(new bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    INSERT INTO e2e_other (id, note) VALUES (1, 'no value may be given');
  EXCEPTION WHEN OTHERS THEN
    INSERT INTO e2e_writes (id, kind) VALUES (new, 'function');
  END;
END $$;
CREATE PROCEDURE e2e_procedure(new bigint) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO e2e_scratch VALUES (new);
  COMMIT;
  INSERT INTO e2e_writes (id, kind) VALUES (new, 'procedure');
  COMMIT;
END $$;
CREATE FUNCTION e2e_triggered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO e2e_writes (id, kind) VALUES (new.id, 'trigger');
  RETURN NULL;
END $$;
CREATE TABLE e2e_watched (id bigint);
CREATE TRIGGER watch AFTER INSERT ON e2e_watched FOR EACH ROW EXECUTE FUNCTION e2e_triggered();`;

/** At the begin of a session. */
export const SESSION = "PREPARE write (bigint) AS INSERT INTO e2e_writes (id, kind) VALUES ($1, 'prepared');";

/**
 * What the client knows of pipelines came with psql 18. One before complains of these commands also where \\if leaves
 * them out.
 */
const PIPELINE = `\\startpipeline
INSERT INTO e2e_other (note) VALUES ($1) \\bind pipeline \\sendpipeline
INSERT INTO e2e_writes (id, kind) VALUES ($1, $2) \\bind @ pipeline \\sendpipeline
\\endpipeline`;
const WITHOUT_PIPELINE = "INSERT INTO e2e_writes (id, kind) VALUES (@, 'pipeline');";

/**
 * Every way in which an application writes, each of the id that stands for @. All is acknowledged when the last line's
 * answer is there; what was half done by then is no row of writtenIds.
 */
export const WRITES: readonly string[] = [
  "INSERT INTO e2e_writes (id, kind) VALUES (@, 'single') \\g /dev/null",
  "BEGIN; INSERT INTO e2e_writes (id, kind) VALUES (@, 'transaction'); UPDATE e2e_writes SET note = 'done' WHERE id = @; COMMIT;",
  `BEGIN; SAVEPOINT one; INSERT INTO e2e_writes (id, kind) VALUES (@, 'rolled back'); ROLLBACK TO one;
SAVEPOINT two; INSERT INTO e2e_writes (id, kind, note) VALUES (@, 'savepoint', 'done'); RELEASE two; COMMIT;`,
  'CALL e2e_procedure(@);',
  'SELECT e2e_function(@) \\g /dev/null',
  'INSERT INTO e2e_watched VALUES (@);',
  'COPY e2e_writes (id, kind) FROM STDIN;\n@\tcopy\n\\.',
  'EXECUTE write(@);',
  "INSERT INTO e2e_other (note) VALUES ('batch')\\; INSERT INTO e2e_writes (id, kind) VALUES (@, 'batch')\\; INSERT INTO e2e_other (note) VALUES ('batch');",
  PIPELINE,
  "INSERT INTO e2e_writes (id, kind, note) SELECT @, 'large value', string_agg(md5(@ || g::text), '') FROM generate_series(1, 2000) AS g;",
  "INSERT INTO e2e_writes (id, kind, object) VALUES (@, 'large object', lo_from_bytea(0, convert_to(repeat('@', 500), 'UTF8')));",
  'CREATE TABLE e2e_made_@ AS SELECT @::bigint AS id;',
  "BEGIN; TRUNCATE e2e_scratch; INSERT INTO e2e_scratch SELECT generate_series(1, 100); INSERT INTO e2e_writes (id, kind) VALUES (@, 'truncate'); COMMIT;",
  "INSERT INTO e2e_writes (id, kind, number) VALUES (@, 'sequence', nextval('e2e_numbers'));",
  "INSERT INTO e2e_writes (id, kind) VALUES (@, 'update'); UPDATE e2e_writes SET note = 'done' WHERE id = @;",
  "INSERT INTO e2e_writes (id, kind) VALUES (@, 'upsert'); INSERT INTO e2e_writes (id) VALUES (@) ON CONFLICT (id) DO UPDATE SET note = 'done';",
  "MERGE INTO e2e_writes AS w USING (VALUES (@::bigint)) AS v (id) ON w.id = v.id WHEN NOT MATCHED THEN INSERT (id, kind) VALUES (v.id, 'merge');",
  "INSERT INTO e2e_parts VALUES (@, 'part'); WITH gone AS (DELETE FROM e2e_parts WHERE id = @ RETURNING id, kind) INSERT INTO e2e_writes (id, kind) SELECT id, kind FROM gone;",
];

/** The same for every client: without a pipeline. */
export const PLAIN_WRITES = WRITES.map((write) => (write === PIPELINE ? WITHOUT_PIPELINE : write));

/** Of all that was written in these ways: the ids, where everything of it is there. */
export const WRITTEN = `
SELECT id FROM e2e_writes WHERE CASE kind
  WHEN 'transaction' THEN note = 'done' WHEN 'savepoint' THEN note = 'done' WHEN 'update' THEN note = 'done' WHEN 'upsert' THEN note = 'done'
  WHEN 'large value' THEN length(note) = 64000 WHEN 'large object' THEN EXISTS (SELECT FROM pg_largeobject_metadata AS m WHERE m.oid = object)
  WHEN 'rolled back' THEN false ELSE true END
UNION ALL SELECT substring(relname, 10)::bigint FROM pg_class WHERE relname ~ '^e2e_made_[0-9]+$' AND relkind = 'r'`;

/** A session's input, for ever: each id in its way, and then itself as the answer. Some forty a second. */
export function writerInput(): string {
  return `
    writes=(${WRITES.map(quoted).join('\n')})
    if (($(psql --version | grep -oE '[0-9]+' | head -n 1) < 18)); then writes[${WRITES.indexOf(PIPELINE)}]=${quoted(WITHOUT_PIPELINE)}; fi
    input() {
      printf '%s\\n' ${quoted(SESSION)}
      for ((id = \${EPOCHREALTIME/./}; ; id++)); do
        printf '%s\\nSELECT %s;\\nSELECT pg_sleep(0.02) \\\\g /dev/null\\n' "\${writes[id % \${#writes[@]}]//@/$id}" "$id"
      done
    }`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
