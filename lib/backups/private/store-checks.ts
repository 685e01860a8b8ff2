import { checkText, shown } from '../../values/checks';

/** What stands on one line of rclone's configuration, and in a path: nothing that ends either. */
const NAME = /^[A-Za-z0-9][-A-Za-z0-9_.@]{0,252}$/;
const FOLDER = /^[A-Za-z0-9][-A-Za-z0-9_.]{0,200}(\/[A-Za-z0-9][-A-Za-z0-9_.]{0,200})*$/;
const URL = /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[-A-Za-z0-9_.~/]*)?$/;
const SECRET_KEY = /^(?!\.\.|\.$)[-._a-zA-Z0-9]{1,253}$/;

/** Name of a bucket, a user, a region. */
export function checkName(prop: string, name: string): string {
  if (!NAME.test(checkText(prop, name))) {
    throw new Error(
      `${prop} must begin with a letter or digit, and have letters, digits, '-', '_', '.' and '@' only, got ${shown(name)}`,
    );
  }
  return name;
}

/** A path below the store's top. */
export function checkFolder(prop: string, folder: string): string {
  if (!FOLDER.test(checkText(prop, folder))) {
    throw new Error(
      `${prop} must be names of letters, digits, '-', '_' and '.', with '/' between them and none at either end, got ${shown(folder)}`,
    );
  }
  return folder;
}

/** Where a store answers. */
export function checkUrl(prop: string, url: string): string {
  if (!URL.test(checkText(prop, url))) {
    throw new Error(`${prop} must be a URL, as https://s3.example.com, got ${shown(url)}`);
  }
  return url;
}

/** Name of a key in a Secret. */
export function checkSecretKey(prop: string, key: string): string {
  if (!SECRET_KEY.test(checkText(prop, key))) {
    throw new Error(`${prop} must have letters, digits, '-', '_' and '.' only, got ${shown(key)}`);
  }
  return key;
}
