// Files of the binary log, as far as the scripts look into them.

const MAGIC = Buffer.from([0xfe, 0x62, 0x69, 0x6e]);
const TYPES = {
  query: 2,
  stop: 3,
  rotate: 4,
  format: 15,
  gtid: 33,
  previous: 35,
  tagged: 42,
  gtidOfMariaDb: 162,
  list: 163,
};

export interface Transaction {
  /** MySQL's UUID, or MariaDB's number. */
  readonly server: string | number;
  readonly number: number;
  /** In microseconds of 1970. */
  readonly at?: number;
  /** In a replica's log: when the primary committed it. */
  readonly original?: number;
  /** Of what it does. */
  readonly bytes?: number;
}

export interface BinaryLog {
  /** In seconds of 1970. */
  readonly begun: number;
  readonly transactions?: readonly Transaction[];
  /** When the server ended it; it is still written to without. */
  readonly ended?: number;
}

function event(type: number, time: number, body: Buffer, server = 1): Buffer {
  const header = Buffer.alloc(19);
  header.writeUInt32LE(time, 0);
  header.writeUInt8(type, 4);
  header.writeUInt32LE(server, 5);
  header.writeUInt32LE(19 + body.length, 9);
  return Buffer.concat([header, body]);
}

function long(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

function uuid(text: string): Buffer {
  return Buffer.from(text.replaceAll('-', ''), 'hex');
}

function file(
  { begun, transactions = [], ended }: BinaryLog,
  previous: Buffer,
  gtid: (one: Transaction) => Buffer,
): Buffer {
  const format = event(TYPES.format, begun, Buffer.alloc(100));
  if (ended === undefined) format.writeUInt8(1, 17);
  return Buffer.concat([
    MAGIC,
    format,
    previous,
    ...transactions.flatMap((one) => [gtid(one), event(TYPES.query, begun, Buffer.alloc(one.bytes ?? 30, 'x'))]),
    ...(ended === undefined ? [] : [event(TYPES.rotate, ended, Buffer.alloc(20))]),
  ]);
}

/** With the transactions before it: of each server their intervals, the last of each included. */
export function mysqlLog(
  log: BinaryLog,
  previous: { readonly [server: string]: readonly (readonly [number, number])[] } = {},
): Buffer {
  const sets = Object.entries(previous).map(([server, intervals]) =>
    Buffer.concat([
      uuid(server),
      long(intervals.length),
      ...intervals.flatMap(([first, last]) => [long(first), long(last + 1)]),
    ]),
  );
  return file(
    log,
    event(TYPES.previous, log.begun, Buffer.concat([long(sets.length), ...sets])),
    ({ server, number, at = 0, original }) =>
      event(
        TYPES.gtid,
        log.begun,
        Buffer.concat([
          Buffer.from([1]),
          uuid(String(server)),
          long(number),
          Buffer.from([2]),
          long(0),
          long(1),
          long(original === undefined ? at : at + 2 ** 55).subarray(0, 7),
          ...(original === undefined ? [] : [long(original).subarray(0, 7)]),
          Buffer.alloc(11),
        ]),
      ),
  );
}

/** With the last transaction of each server before it. */
export function mariadbLog(log: BinaryLog, previous: { readonly [server: number]: number } = {}): Buffer {
  const entries = Object.entries(previous).map(([server, number]) => {
    const entry = Buffer.alloc(8);
    entry.writeUInt32LE(Number(server), 4);
    return Buffer.concat([entry, long(number)]);
  });
  const count = Buffer.alloc(4);
  count.writeUInt32LE(entries.length);
  return file(log, event(TYPES.list, log.begun, Buffer.concat([count, ...entries])), ({ server, number }) =>
    event(TYPES.gtidOfMariaDb, log.begun, Buffer.concat([long(number), Buffer.alloc(11)]), Number(server)),
  );
}

/** A transaction whose name has a tag. */
export function taggedLog(begun: number): Buffer {
  return Buffer.concat([mysqlLog({ begun, ended: begun + 60 }), event(TYPES.tagged, begun, Buffer.alloc(60))]);
}
