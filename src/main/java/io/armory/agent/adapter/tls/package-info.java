/// TLS where nobody is trusted with anything: on loopback, and for a greeting.
@NullMarked
package io.armory.agent.adapter.tls;

import org.jspecify.annotations.NullMarked;
