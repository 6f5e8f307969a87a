/// The node's disk behind the ports: parameters, state, rendered files and the journal.
@NullMarked
package io.armory.agent.adapter.files;

import org.jspecify.annotations.NullMarked;
