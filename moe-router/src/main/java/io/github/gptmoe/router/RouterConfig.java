package io.github.gptmoe.router;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Map;

/**
 * The {@code router} section of a model's configuration, chosen by its {@code type}.
 *
 * <p>The list of permitted records is the only registry: the configuration loader reads the names from it. A record may be
 * built with null for any component, which then takes its documented default, so a key that is absent from the file needs
 * no treatment elsewhere.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public sealed interface RouterConfig permits Top1Config, LargeMarginConfig {

    /**
     * Builds the router of one layer.
     *
     * @param hidden the width D of the hidden states
     * @param numExperts the number E of experts of the layer
     * @return the router
     * @throws IllegalArgumentException if {@link #problems()} is not empty or the layer has too few experts for this router
     */
    Router build(int hidden, int numExperts);

    /**
     * Checks the values, all of them at once.
     *
     * @return for every wrong key, relative to the section, what is wrong and the remedy; empty when the values are valid
     */
    Map<String, String> problems();

    /**
     * The same router with its losses weighed anew; routing itself does not change.
     *
     * @param factor on every loss coefficient; at least 0
     * @return a configuration that differs in loss coefficients only
     */
    RouterConfig withLossFactor(double factor);
}
