import { Figure } from '../figure';
import { idle } from './idle';
import { join } from './join';
import { kill } from './kill';
import { pgbench } from './pgbench';
import { scale } from './scale';
import { start } from './start';
import { synth } from './synth';

export const FIGURES: readonly Figure[] = [start, kill, join, idle, pgbench, synth, scale];
