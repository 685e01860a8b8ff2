// Where the engines look for it until they move into their wing.
export * from '../values/checks';
