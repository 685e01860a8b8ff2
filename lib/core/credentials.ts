import { dnsSubdomain } from '../values/dns-subdomain';
import { checkObject, shown } from '../values/checks';

/**
 * Names of the keys in a credentials Secret, where they are not the library's own.
 */
export interface SecretKeys {
  /**
   * Key of the superuser's password.
   *
   * @default 'superuser-password'
   */
  readonly superuserPassword?: string;

  /**
   * Key of the password of the user that replicas connect as.
   *
   * @default 'replication-password'
   */
  readonly replicationPassword?: string;

  /**
   * Key of the application's password.
   *
   * @default 'password'
   */
  readonly password?: string;
}

/**
 * The passwords of a database, by reference: the YAML never holds one.
 */
export class Credentials {
  /**
   * Passwords in a Secret that exists, or will, in the database's namespace.
   *
   * It may be created by hand, by External Secrets, by Sealed Secrets: only its keys matter. When a password in it
   * changes, the database is changed to match within about a minute; the Secret is right.
   *
   * @param name name of the Secret
   * @param keys names of its keys
   * @throws if the name is no valid Secret name, or a key no valid key, or two keys are the same
   */
  public static fromSecret(name: string, keys: SecretKeys = {}): Credentials {
    return new Credentials(dnsSubdomain(name, 'credentials'), keys);
  }

  /**
   * Name of the Secret.
   */
  public readonly secretName: string;

  /**
   * Key of the superuser's password.
   */
  public readonly superuserPasswordKey: string;

  /**
   * Key of the password of the user that replicas connect as.
   */
  public readonly replicationPasswordKey: string;

  /**
   * Key of the application's password.
   */
  public readonly passwordKey: string;

  private constructor(name: string, keys: SecretKeys) {
    checkObject('keys', keys);
    this.secretName = name;
    this.superuserPasswordKey = keys.superuserPassword ?? 'superuser-password';
    this.replicationPasswordKey = keys.replicationPassword ?? 'replication-password';
    this.passwordKey = keys.password ?? 'password';
    const all = [this.superuserPasswordKey, this.replicationPasswordKey, this.passwordKey];
    for (const key of all) {
      if ((typeof key as unknown) !== 'string' || !/^(?!\.\.|\.$)[-._a-zA-Z0-9]{1,253}$/.test(key)) {
        throw new Error(`keys must have letters, digits, '-', '_' and '.' only, got ${shown(key)}`);
      }
    }
    if (new Set(all).size < all.length) {
      throw new Error(
        `keys must differ, as superuser, replication and application have a password each, got '${all.join("', '")}'`,
      );
    }
  }
}
