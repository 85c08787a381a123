/**
 * Members that share work: each item goes to exactly one of them, the least busy one, and of equally busy ones the one
 * named first. A key stays with its member until an item of it is taken away from that member.
 */
export class ConsumerGroup {
  private readonly busy: Map<string, number>;
  private readonly owners = new Map<string, string>();

  constructor(members: readonly string[]) {
    this.busy = new Map(members.map((name) => [name, 0]));
  }

  /** The member that gets the item, `failedAt` not again unless it is the only one. Give it back with `release`. */
  assign(partition: string | undefined, failedAt?: string): string {
    const owner = partition === undefined ? undefined : this.owners.get(partition);
    const member = owner !== undefined && owner !== failedAt ? owner : this.leastBusy(failedAt);
    if (partition !== undefined) this.owners.set(partition, member);
    this.busy.set(member, (this.busy.get(member) ?? 0) + 1);
    return member;
  }

  release(member: string): void {
    this.busy.set(member, (this.busy.get(member) ?? 0) - 1);
  }

  private leastBusy(except?: string): string {
    const others = [...this.busy].filter(([name]) => name !== except || this.busy.size === 1);
    const [name] = others.reduce((least, one) => (one[1] < least[1] ? one : least));
    return name;
  }
}
