import { readDocuments } from '../../../lib/changes/facts/yaml';
import { refusalOf } from '../../refusal';

const contents = (text: string): unknown[] => readDocuments(text).map(({ content }) => content);

test.each([
  ['no text', '', []],
  ['only comments', '# nothing\n', []],
  ['several documents', 'a: 1\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
  ['documents without content', '---\n---\na: 1\n---\n', [null, { a: 1 }, null]],
  ['carriage returns and a byte order mark', '\uFEFFa: 1\r\n---\r\nb: |\r\n  x\r\n', [{ a: 1 }, { b: 'x\n' }]],
  ['JSON, with tabs', '{\n\t"a": [\n\t\t1\n\t]\n}\n', [{ a: [1] }]],
  ['a merge key', 'a: &a {x: 1, z: 1}\nb: {<<: *a, z: 2}\n', [{ a: { x: 1, z: 1 }, b: { x: 1, z: 2 } }]],
  ['a tag of another tool', 'a: !Ref x\n', [{ a: 'x' }]],
  ['octal modes and words for true', 'a: 0644\nb: yes\n', [{ a: 420, b: true }]],
  [
    'what looks like a time, which Kubernetes takes as text',
    'a: 2024-01-01\nb: 22:22\nc: 12:30:45.5\n',
    [{ a: '2024-01-01', b: '22:22', c: '12:30:45.5' }],
  ],
  ['a key that a template wrote twice: the last counts', 'a: 1\na: 2\n', [{ a: 2 }]],
])('reads %s', (_, text, expected) => {
  expect(contents(text)).toEqual(expected);
});

test('says where each document begins', () => {
  expect(readDocuments('# first\na: 1\n---\n# second\n\nb: 2\n').map(({ line }) => line)).toEqual([2, 6]);
});

test.each([
  ['a tab as indentation', 'a:\n\tb: 1\n', 'at line 2, column 1'],
  ['an open quote', 'a: 1\nb: "x\n', 'at line 3, column 1'],
  ['a line of a Helm template', '{{- if .Values.a }}\na: 1\n{{- end }}\n', 'at line 1, column 3'],
  [
    'a value of a Helm template, which is a mapping to YAML',
    'a:\n  - b: {{ .Values.b }}\n',
    'a mapping as a key: {{ .Values.b }}',
  ],
])('refuses %s', (_, text, message) => {
  const refusal = refusalOf(() => readDocuments(text));
  expect(refusal).toContain(message);
  expect(refusal).not.toContain('\n');
});

test('an anchor may be used as often as a chart likes', () => {
  const uses = 5000;
  expect(contents(`a: &a {x: 1}\nb:\n${'- *a\n'.repeat(uses)}`)).toEqual([
    { a: { x: 1 }, b: Array(uses).fill({ x: 1 }) },
  ]);
});

test.each([
  ['lists', (before: number) => `[${Array(9).fill(`*a${before}`).join(', ')}]`],
  [
    'mappings',
    (before: number) =>
      `{${'lmnopqrs'
        .split('')
        .map((key) => `${key}: *a${before}`)
        .join(', ')}}`,
  ],
])('a bomb of aliases in %s is refused before anybody writes it out', (_, level) => {
  const bomb = ['a0: &a0 [x, x]', ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} ${level(i)}`)].join(
    '\n',
  );
  expect(() => readDocuments(`x: 1\n---\n${bomb}`)).toThrow('aliases expand to more than 20000000 values at line 3');
});
