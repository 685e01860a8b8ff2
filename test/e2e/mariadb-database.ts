import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from './client';
import { MEBIBYTE, MySqlFamilyDatabase } from './mysql-family-database';
import { until } from './poll';

const ATTACK = readFileSync(join(__dirname, 'mariadb-attack.sh'), 'utf8');
/** READ ONLY ADMIN is nobody's: who wants it writes it into the table of users, at the primary. */
const ALL_RIGHTS =
  "UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$.access', 1099511627775) WHERE User = 'root'; FLUSH PRIVILEGES";

/** MariaDB as a client sees it. */
export class MariaDbDatabase extends MySqlFamilyDatabase {
  /** max_binlog_total_size, the file that is being written, and one that is about to be removed. */
  public readonly logBound = 96 * MEBIBYTE;
  protected readonly clientCommand = 'mariadb --skip-ssl-verify-server-cert';
  protected readonly followersStatement = 'SHOW SLAVE HOSTS';
  protected readonly burden = 32;
  protected readonly promotion = 'STOP SLAVE; SET GLOBAL read_only = 0';
  protected readonly writeStatement = 'INSERT INTO e2e_writes (id) VALUES ($id) RETURNING id;';

  constructor(
    client: Client,
    private readonly set: string,
    private readonly service: string,
  ) {
    super(client, set, service);
  }

  public async role(ordinal: number): Promise<'primary' | 'replica'> {
    return (await this.ask(ordinal, 'SELECT @@read_only')) === '0' ? 'primary' : 'replica';
  }

  public async hasCaughtUp(ordinal: number): Promise<boolean> {
    const here = await this.ask(0, 'SELECT @@gtid_current_pos');
    return sequence(await this.ask(ordinal, 'SELECT @@gtid_slave_pos')) >= sequence(here);
  }

  /** The sidecars take either back within seconds. */
  /** The right is soon taken back: it is given again until the promotion was quick enough. */
  public override async promoteByHand(ordinal: number): Promise<void> {
    await until(`ordinal ${ordinal} is promoted`, 60, async () => {
      await this.superuser(ALL_RIGHTS);
      return super.promoteByHand(ordinal).then(
        () => true,
        () => false,
      );
    });
  }

  public attackScript(): string {
    return `CLIENT=(${this.clientCommand}) SET=${this.set} PRIMARY=${this.service}\n${ATTACK}`;
  }

  protected numbers(count: number): string {
    return `seq_1_to_${count}`;
  }
}

/** Of a position DOMAIN-SERVER-SEQUENCE; there is one domain. */
function sequence(position: string): number {
  return Number(position.split('-').at(-1));
}
