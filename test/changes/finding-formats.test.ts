import { Finding, FindingLevel } from '../../lib';
import { FORMATS } from '../../lib/changes/finding-formats';

const finding: Finding = {
  rule: 'volume-shrunk',
  level: FindingLevel.ERROR,
  resource: 'StatefulSet/default/orders',
  field: 'spec.size',
  before: '10Gi',
  after: '5Gi',
  reason: 'volumes cannot shrink',
  remedy: 'restore 10Gi',
  file: 'dist/orders.yaml',
  line: 7,
};
const elsewhere: Finding = { ...finding, file: undefined, line: undefined };

test('a text has one line a finding', () => {
  expect(FORMATS.text([finding, { ...finding, level: FindingLevel.NOTE, before: 'a\nb', after: 'c\r\n\n  d\n' }])).toBe(
    'error StatefulSet/default/orders volume-shrunk: spec.size 10Gi -> 5Gi: volumes cannot shrink; restore 10Gi\n' +
      'note StatefulSet/default/orders volume-shrunk: spec.size a b -> c d : volumes cannot shrink; restore 10Gi\n',
  );
});

test('the environment comes before what it is about', () => {
  const line = 'error [prod] StatefulSet/default/orders volume-shrunk: ';
  expect(FORMATS.text([{ ...finding, environment: 'prod' }])).toContain(line);
  expect(FORMATS.github([{ ...elsewhere, environment: 'prod' }])).toContain(
    '::error title=volume-shrunk%3A [prod] StatefulSet/default/orders::',
  );
});

test('JSON has all that is known', () => {
  expect(JSON.parse(FORMATS.json([finding, elsewhere]))).toEqual({ findings: [finding, { ...elsewhere }] });
});

test.each<[string, Finding, string]>([
  [
    'an error',
    finding,
    '::error file=dist/orders.yaml,line=7,title=volume-shrunk%3A StatefulSet/default/orders::spec.size 10Gi -> 5Gi: volumes cannot shrink; restore 10Gi',
  ],
  ['a warning', { ...finding, level: FindingLevel.WARNING }, '::warning file='],
  ['a note', { ...finding, level: FindingLevel.NOTE }, '::notice file='],
  ['what is in no file', elsewhere, '::error title=volume-shrunk%3A StatefulSet/default/orders::'],
  ['what would end a property', { ...finding, file: 'a,b:c%d.yaml' }, '::error file=a%2Cb%3Ac%25d.yaml,line=7,'],
  [
    'what would be a command',
    { ...finding, before: '100%\r\n::set-output name=x::y' },
    '::spec.size 100%25 ::set-output name=x::y -> 5Gi: ',
  ],
])('annotations escape %s', (_, one, expected) => {
  const text = FORMATS.github([one]);
  expect(text).toContain(expected);
  expect(text.split('\n')).toHaveLength(2);
});

test.each([
  ['text', ''],
  ['json', '{\n  "findings": []\n}\n'],
  ['github', ''],
])('nothing found reads in %s as %j', (format, text) => {
  expect(FORMATS[format]([])).toBe(text);
});
