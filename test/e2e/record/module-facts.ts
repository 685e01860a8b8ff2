import { existsSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join } from 'node:path';
import * as ts from 'typescript';

/** One import, or what is passed on from there. */
export interface Reference {
  /** A file, or the name of a package. */
  readonly from: string;
  readonly isPackage: boolean;
  /** By their names there; undefined for all of it. */
  readonly names?: readonly string[];
}

/** What a module says that it rests on, itself. */
export interface ModuleFacts {
  readonly imports: readonly Reference[];
  /** Files and folders that it names by `join(__dirname, ...)`. */
  readonly paths: readonly string[];
  /** What it passes on from others: by the name here the one there, or all. */
  readonly passedOn: readonly { readonly from: string; readonly names?: ReadonlyMap<string, string> }[];
  /** Whether it does nothing but pass on. */
  readonly isBarrel: boolean;
  /** The names that it exports of its own. */
  readonly declared: ReadonlySet<string>;
  /** What runs: without types and comments. */
  readonly code: string;
}

/** @throws for an import that leads nowhere, and for a use of `__dirname` that does not tell what is read */
export function factsOf(path: string): ModuleFacts {
  const text = readFileSync(path, 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: Reference[] = [];
  const paths: string[] = [];
  const passedOn: { from: string; names?: Map<string, string> }[] = [];
  const declared = new Set<string>();
  let isBarrel = true;

  for (const statement of source.statements) {
    if (ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined) {
      if (!statement.isTypeOnly) {
        const clause = statement.exportClause;
        const names =
          clause !== undefined && ts.isNamedExports(clause)
            ? new Map(
                clause.elements.map((element) => [element.name.text, (element.propertyName ?? element.name).text]),
              )
            : undefined;
        const { from, isPackage } = referenceTo(specifierOf(statement.moduleSpecifier), path) ?? {};
        if (from !== undefined && isPackage !== true) {
          passedOn.push({ from, names });
        } else if (from !== undefined) {
          imports.push({ from, isPackage: true });
        }
      }
      continue;
    }
    isBarrel = false;
    if (ts.isImportDeclaration(statement)) {
      const names = importedNames(statement.importClause);
      const reference = names === 'types only' ? undefined : referenceTo(specifierOf(statement.moduleSpecifier), path);
      if (reference !== undefined) {
        imports.push({ ...reference, names: names === 'all' || names === 'types only' ? undefined : names });
      }
    } else {
      declaredBy(statement).forEach((name) => declared.add(name));
    }
  }
  visit(source);
  return { imports, paths, passedOn, isBarrel, declared, code: codeOf(path, text) };

  /** What may stand anywhere: `require`, `import()`, and `__dirname`. */
  function visit(node: ts.Node): void {
    if (ts.isCallExpression(node)) {
      const [first] = node.arguments;
      const isRequire =
        node.expression.kind === ts.SyntaxKind.ImportKeyword ||
        (ts.isIdentifier(node.expression) && node.expression.text === 'require');
      if (isRequire && first !== undefined && ts.isStringLiteralLike(first)) {
        const reference = referenceTo(first.text, path);
        if (reference !== undefined) {
          imports.push(reference);
        }
      }
    } else if (ts.isIdentifier(node) && node.text === '__dirname') {
      paths.push(pathOf(node, path));
    }
    ts.forEachChild(node, visit);
  }
}

/** Of `join(__dirname, 'a', 'b', name)` the file or folder `a/b`; of a property that has `__dirname`, the folder. */
function pathOf(node: ts.Identifier, path: string): string {
  const call = node.parent;
  if (ts.isPropertyAssignment(call)) return dirname(path);
  const isJoin =
    ts.isCallExpression(call) && call.arguments[0] === node && /\b(join|resolve)$/.test(call.expression.getText());
  if (!isJoin) {
    throw new Error(`${path}: say join(__dirname, ...), so that it shows which files are read: ${call.getText()}`);
  }
  const [, ...rest] = call.arguments;
  const known = rest.findIndex((argument) => !ts.isStringLiteralLike(argument));
  const parts = rest
    .slice(0, known === -1 ? rest.length : known)
    .map((argument) => (argument as ts.StringLiteralLike).text);
  return join(dirname(path), ...parts);
}

function specifierOf(node: ts.Expression): string {
  return (node as ts.StringLiteral).text;
}

/** Undefined for what is Node's own. */
function referenceTo(
  specifier: string,
  path: string,
): { readonly from: string; readonly isPackage: boolean } | undefined {
  if (isBuiltin(specifier)) {
    return undefined;
  }
  if (!specifier.startsWith('.')) {
    return {
      from: specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
      isPackage: true,
    };
  }
  const base = join(dirname(path), specifier);
  const candidates = [base, `${base}.ts`, `${base}.js`, join(base, 'index.ts'), join(base, 'index.js')];
  const from = candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile());
  if (from === undefined) {
    throw new Error(`${path}: there is no ${specifier}`);
  }
  return { from, isPackage: false };
}

function importedNames(clause: ts.ImportClause | undefined): readonly string[] | 'all' | 'types only' {
  if (clause === undefined) {
    return 'all'; // for its effect
  }
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) {
    return 'types only';
  }
  const { name, namedBindings } = clause;
  if (name !== undefined || (namedBindings !== undefined && ts.isNamespaceImport(namedBindings))) {
    return 'all';
  }
  const elements = namedBindings?.elements.filter((element) => !element.isTypeOnly) ?? [];
  return elements.length === 0 ? 'types only' : elements.map((element) => (element.propertyName ?? element.name).text);
}

function declaredBy(statement: ts.Statement): string[] {
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    return clause !== undefined && ts.isNamedExports(clause) ? clause.elements.map((element) => element.name.text) : [];
  }
  const isExported =
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  if (!isExported) {
    return [];
  }
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => namesIn(name));
  }
  const name = (statement as unknown as ts.NamedDeclaration).name;
  return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
}

function namesIn(name: ts.BindingName): string[] {
  return ts.isIdentifier(name)
    ? [name.text]
    : name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(element.name) : []));
}

function codeOf(path: string, text: string): string {
  if (!path.endsWith('.ts')) {
    return text;
  }
  return ts.transpileModule(text, {
    fileName: basename(path),
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      removeComments: true,
      verbatimModuleSyntax: false,
    },
  }).outputText;
}
