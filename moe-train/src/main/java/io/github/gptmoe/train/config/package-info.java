/**
 * One run, one complete YAML file: what may be written there, what it means, and how every mistake in it is reported.
 *
 * <p><b>Entry points.</b> {@link io.github.gptmoe.train.config.ConfigLoader#load} turns a file or a shipped name plus
 * {@code --set} overrides into a {@link io.github.gptmoe.train.config.RunConfig};
 * {@link io.github.gptmoe.train.config.ConfigWriter#toYaml} writes the resolved configuration back, defaults included.
 *
 * <p><b>The records are the schema.</b> The keys of a section are the component names of its record. A primitive
 * component must be given, a boxed one may be left out and gets its default in the compact constructor, a list may be
 * written as one value. A sealed interface is chosen by its {@code type} key. Each record lists what is wrong with it in
 * {@code problems()}: key to rule and remedy. A new setting is one component and, if it has a rule, one line there.
 *
 * <p><b>Guarantees.</b> An instance is immutable and complete. The loader collects every problem of a file (unknown or
 * repeated keys, wrong types, missing keys, broken rules), each with file, line and column, and throws one
 * {@link io.github.gptmoe.train.config.ConfigException}; nothing else escapes it except failures to read the disk. What
 * the writer writes loads back equal.
 *
 * <p><b>Reading order.</b> {@code ConfigLoader}, {@code YamlTree} (text to nodes with positions), {@code RecordReader}
 * (nodes to records), {@code ScalarReader} (one value), {@code KeySuggestion} (what an unknown key was meant to be).
 */
@NullMarked
package io.github.gptmoe.train.config;

import org.jspecify.annotations.NullMarked;
