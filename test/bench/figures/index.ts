import { Figure } from '../figure';
import { backup } from './backup';
import { files } from './files';
import { idle } from './idle';
import { join } from './join';
import { kill } from './kill';
import { mariadb } from './mariadb';
import { pgbench } from './pgbench';
import { scale } from './scale';
import { ship } from './ship';
import { start } from './start';
import { synth } from './synth';

export const FIGURES: readonly Figure[] = [
  start,
  kill,
  join,
  idle,
  pgbench,
  synth,
  scale,
  mariadb,
  files,
  backup,
  ship,
];
