import { UserError } from '../errors';
import { count } from '../format';

/** UserError, when all others are done, where pictures could not be read: each was named by a warning. */
export function refuseUnread(command: string, { unread, all }: { unread: number; all: number }): void {
  if (unread > 0) throw new UserError(`${command}: ${count(unread, 'picture')} of ${all} can't be read`);
}
