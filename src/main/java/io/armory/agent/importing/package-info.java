/// `import`: an Armory installation's files are read, translated and tried before anything is
/// written.
@NullMarked
package io.armory.agent.importing;

import org.jspecify.annotations.NullMarked;
