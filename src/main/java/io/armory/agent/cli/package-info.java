/// The command line: arguments → commands, most of them asked of the running agent over its control
/// socket.
@NullMarked
package io.armory.agent.cli;

import org.jspecify.annotations.NullMarked;
