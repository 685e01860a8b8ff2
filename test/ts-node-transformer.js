const { create } = require('ts-node');

// Made on first use: a run that jest can serve from its transform cache never loads the compiler.
let compiler;

module.exports = {
  process(source, file) {
    compiler ??= create({ cwd: `${__dirname}/..`, swc: false, typeCheck: true });
    return { code: compiler.compile(source, file) };
  },
};
