import { Client } from '../e2e/client';
import { Database } from '../e2e/driver';
import { Writer } from '../e2e/writer';

// A writer whose application is this test: what it prints, and what each ordinal has of that.

let print: (line: string) => void;
let there: Map<number, Set<number>>;

function writer(more: Partial<Database> = {}): Writer {
  there = new Map();
  const client = {
    stream: (_: string, onLine: (line: string) => void) => {
      print = onLine;
      return { stop: () => Promise.resolve() };
    },
  };
  const database = {
    writerScript: () => '',
    writtenIds: (ordinal: number) => Promise.resolve(there.get(ordinal) ?? new Set<number>()),
    ...more,
  };
  return new Writer(client as unknown as Client, database as unknown as Database);
}

function acknowledge(...ids: number[]): void {
  ids.forEach((id) => print(String(id)));
}

test('names what was acknowledged and is not there', async () => {
  const subject = writer();
  acknowledge(1, 2, 3);
  there.set(0, new Set([1, 3]));
  await expect(subject.nothingLost(0)).rejects.toThrow('1 of 3 acknowledged writes are lost on ordinal 0: 2 ...');
  await expect(subject.nothingLost(0, 1)).resolves.toBeUndefined();
  expect(await subject.missing(1)).toEqual([1, 2, 3]);
});

test('does not ask for what is acknowledged while it asks', async () => {
  const subject = writer({
    writtenIds: () => {
      acknowledge(2);
      return Promise.resolve(new Set([1]));
    },
  });
  acknowledge(1);
  await expect(subject.nothingLost(0)).resolves.toBeUndefined();
  expect(subject.acknowledged).toEqual([1, 2]);
});

test('takes nothing for an id that is none', async () => {
  const subject = writer();
  acknowledge(1);
  print('OK');
  there.set(0, new Set([1]));
  expect(subject.acknowledged).toEqual([1]);
  await expect(subject.nothingLost(0)).rejects.toThrow('the writer printed what is no id: OK');
});

test('tells what a replica has of this writer, and not of one before', async () => {
  const subject = writer();
  await expect(subject.isOn([1], 0)).rejects.toThrow('the writer has written nothing that could be lost');
  acknowledge(5);
  there.set(1, new Set([1, 2, 3]));
  await expect(subject.isOn([1], 0)).rejects.toThrow('ordinal 1 has what the writer wrote');
  there.set(1, new Set([1, 2, 3, 5]));
  await expect(subject.isOn([1], 5)).resolves.toBeUndefined();
});

test('goes on when each kind of write was acknowledged twice', async () => {
  const subject = writer({ writerKinds: 8 });
  const goesOn = subject.goesOn(0);
  acknowledge(...Array.from({ length: 16 }, (_, id) => id));
  await expect(goesOn).rejects.toThrow('writes through the primary are acknowledged');
  const again = subject.goesOn(5);
  acknowledge(...Array.from({ length: 17 }, (_, id) => 100 + id));
  await expect(again).resolves.toBeUndefined();
  expect(subject.times).toHaveLength(33);
});
