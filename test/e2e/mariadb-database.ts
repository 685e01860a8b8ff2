import { MEBIBYTE, MySqlFamilyDatabase } from './mysql-family-database';

/** MariaDB as a client sees it. */
export class MariaDbDatabase extends MySqlFamilyDatabase {
  /** max_binlog_total_size, the file that is being written, and one that is about to be removed. */
  public readonly logBound = 96 * MEBIBYTE;
  protected readonly clientCommand = 'mariadb --skip-ssl-verify-server-cert';
  protected readonly followersStatement = 'SHOW SLAVE HOSTS';
  protected readonly promotion = 'STOP SLAVE; SET GLOBAL read_only = 0';
  protected readonly writeStatement = 'INSERT INTO e2e_writes (id) VALUES ($id) RETURNING id;';

  public async role(ordinal: number): Promise<'primary' | 'replica'> {
    return await this.ask(ordinal, 'SELECT @@read_only') === '0' ? 'primary' : 'replica';
  }

  public async hasCaughtUp(ordinal: number): Promise<boolean> {
    const here = await this.ask(0, 'SELECT @@gtid_current_pos');
    return sequence(await this.ask(ordinal, 'SELECT @@gtid_slave_pos')) >= sequence(here);
  }

  protected numbers(count: number): string {
    return `seq_1_to_${count}`;
  }
}

/** Of a position DOMAIN-SERVER-SEQUENCE; there is one domain. */
function sequence(position: string): number {
  return Number(position.split('-').at(-1));
}
