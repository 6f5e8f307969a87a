/// Backups of what the node alone keeps, and their way back: to the same volumes, or into the
/// stores that several nodes share. `Backup` makes them, by hand or by `BackupTimer`; `Restore` is
/// the daemon's, and knows after its end what was under way.
@NullMarked
package io.armory.agent.backup;

import org.jspecify.annotations.NullMarked;
