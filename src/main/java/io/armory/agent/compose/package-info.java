/// The Compose room: Compose-specification files → canonical model →
/// [io.armory.agent.domain.stack.Stack].
///
/// [ComposeLoader] is the way in and its body is the table of contents. Stages work on one mutable
/// tree of [io.armory.agent.compose.source.Node]s that know where they were written; nothing here
/// touches a file, a clock or the environment: files come through
/// [io.armory.agent.domain.SourceFiles]. The behaviour is that of Docker Compose 2.26.1 (compose-go
/// 2.4.8), checked field by field against its answers.
@NullMarked
package io.armory.agent.compose;

import org.jspecify.annotations.NullMarked;
