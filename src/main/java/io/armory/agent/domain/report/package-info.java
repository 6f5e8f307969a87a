/// What people and programs are told: reports of the node, its services and its checks. Immutable.
@NullMarked
package io.armory.agent.domain.report;

import org.jspecify.annotations.NullMarked;
