import { SCHEMA, SESSION, WRITES, WRITTEN } from './test/e2e/postgres-writes';
console.log(SCHEMA); console.log([SESSION, ...WRITES.map((write, id) => write.replaceAll('@', String(id + 1)))].join('\n')); console.log(WRITTEN + ';\nSELECT \'of\', ' + WRITES.length + ';');
