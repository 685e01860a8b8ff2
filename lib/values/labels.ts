/** The label by which the pods of a set of this library are selected. Its value is the set's name: moving the construct in the tree changes nothing. */
export const NAME_LABEL = 'cdk8s-stateful/name';
