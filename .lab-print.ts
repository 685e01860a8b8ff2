import { PostgresDatabase } from './test/e2e/postgres-database';
const d = new PostgresDatabase({} as any, 'orders', '127.0.0.1');
const w = process.argv[2];
console.log(w === 'attack' ? d.attackScript() : d.writerScript());
