/** What all nodes of a database have to have in common, by name: the first that says it is right. */
export interface AgreementsStore {
  /** Says what this node has; gives what is right. */
  agree(name: string, value: string): Promise<string>;
  /** Says what is right from now on. */
  change(name: string, value: string): Promise<void>;
}
