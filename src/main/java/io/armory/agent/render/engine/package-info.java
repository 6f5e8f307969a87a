/// What every engine refuses of a container, a network or a volume, known from the stack alone. One
/// file for each part of a service; each rule is what Docker Engine answers, tried on real ones by
/// `EngineRulesIT`. Pure.
@NullMarked
package io.armory.agent.render.engine;

import org.jspecify.annotations.NullMarked;
