/// Armory Spinnaker's installations of 2017 and 2018, turned into this agent's files. Pure: what
/// was read goes in, the files to write and everything that could not be carried over come out.
@NullMarked
package io.armory.agent.importing.legacy;

import org.jspecify.annotations.NullMarked;
