import { MEBIBYTE, MySqlFamilyDatabase } from './mysql-family-database';

/** MySQL as a client sees it. */
export class MySqlDatabase extends MySqlFamilyDatabase {
  /**
   * Twice maxLogSize, and what one statement of row 15 writes: so long it may take until the sidecar has looked again.
   */
  public readonly logBound = 192 * MEBIBYTE;
  protected readonly clientCommand = 'mysql';
  protected readonly followersStatement = 'SHOW REPLICAS';
  protected readonly burden = 8;
  protected readonly promotion = 'STOP REPLICA; SET GLOBAL super_read_only = 0; SET GLOBAL read_only = 0';

  public async role(ordinal: number): Promise<'primary' | 'replica'> {
    return (await this.ask(ordinal, 'SELECT @@super_read_only')) === '0' ? 'primary' : 'replica';
  }

  public async hasCaughtUp(ordinal: number): Promise<boolean> {
    const here = await this.ask(0, "SELECT REPLACE(@@gtid_executed, CHAR(10), '')");
    return (await this.ask(ordinal, `SELECT GTID_SUBSET('${here}', @@gtid_executed)`)) === '1';
  }

  protected numbers(count: number): string {
    return `(WITH RECURSIVE n AS (SELECT /*+ SET_VAR(cte_max_recursion_depth = ${count}) */ 1 AS seq UNION ALL SELECT seq + 1 FROM n WHERE seq < ${count}) SELECT seq FROM n) AS numbers`;
  }
}
