/// Parts of the outside world as processes of their own, for tests: started on free loopback ports,
/// ended with the test.
@NullMarked
package io.armory.agent.rig;

import org.jspecify.annotations.NullMarked;
