package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.model.ModelParameter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The gradient of each parameter as a view of a flat array. */
final class GradientViews {
    private final Map<String, NDArray> byName = new HashMap<>();

    /** Cuts a bucket's flat array up; the views belong to {@code owner}. */
    void add(NDManager owner, Bucket bucket, NDArray flat) {
        List<NDArray> views = bucket.views(owner, flat);
        for (int i = 0; i < views.size(); i++) {
            byName.put(bucket.parameters().get(i).name(), views.get(i));
        }
    }

    NDList of(List<ModelParameter> parameters) {
        NDList list = new NDList(parameters.size());
        for (ModelParameter parameter : parameters) {
            NDArray view = byName.get(parameter.name());
            if (view == null) {
                throw new IllegalArgumentException("no gradient for " + parameter.name());
            }
            list.add(view);
        }
        return list;
    }
}
