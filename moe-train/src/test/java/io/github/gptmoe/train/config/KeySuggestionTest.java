package io.github.gptmoe.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeySuggestionTest {
    private static final Set<String> PATHS = RecordShape.paths(RunConfig.class, "");

    @ParameterizedTest
    @CsvSource({
        "train.lr, train.optimizer.learningRate",
        "lr, train.optimizer.learningRate",
        "train.learning_rate, train.optimizer.learningRate",
        "train.learningRte, train.optimizer.learningRate",
        "train.optimizer.wd, train.optimizer.weightDecay",
        "train.weight_decay, train.optimizer.weightDecay",
        "train.eps, train.optimizer.epsilon",
        "train.min_lr, train.schedule.minimumLearningRate",
        "train.warmup, train.schedule.warmupSteps",
        "train.warmup_steps, train.schedule.warmupSteps",
        "train.micro_batch_size, train.microBatch",
        "train.global_batch_size, train.globalBatch",
        "train.rampup_batch_size, train.batchRamp",
        "train.max_grad_norm, train.clipNorm",
        "train.max_steps, train.steps",
        "model.n_layers, model.layers",
        "model.n_layer, model.layers",
        "model.num_hidden_layers, model.layers",
        "model.num_attention_heads, model.heads",
        "model.d_model, model.hidden",
        "model.hidden_size, model.hidden",
        "model.seq_len, model.sequenceLength",
        "model.seqlen, model.sequenceLength",
        "train.sequence_length, model.sequenceLength",
        "model.context_length, model.sequenceLength",
        "model.num_experts, model.experts",
        "experts, model.experts",
        "model.vocab_size, model.vocabulary",
        "save_every, checkpoint.everySteps",
        "checkpoint.keep_last, checkpoint.keepLast",
        "tokenizer_path, data.tokenizer",
        "data.val, data.validation",
        "optimizer, train.optimizer",
        "model.attn_implementation, train.attention",
        "attn, train.attention",
        "train.flash_attention, train.attention",
        "train.offload_optimizer, train.offloadOptimizer",
        "train.offload, train.offloadOptimizer",
        "train.cpu_offload, train.offloadOptimizer",
    })
    void keysOfTheFieldLeadToOurs(String key, String expected) {
        int dot = key.lastIndexOf('.');
        String section = key.substring(0, Math.max(0, dot));
        assertThat(new KeySuggestion(PATHS).of(key.substring(dot + 1), section, siblings(section)))
                .containsExactly(expected);
    }

    private static List<String> siblings(String section) {
        String prefix = section.isEmpty() ? "" : section + ".";
        return PATHS.stream()
                .filter(path -> path.startsWith(prefix))
                .map(path -> path.substring(prefix.length()))
                .filter(rest -> !rest.contains("."))
                .toList();
    }

    @Test
    void severalKeysThatFitAreAllNamed() {
        assertThat(new KeySuggestion(PATHS).of("batch_size", "train", siblings("train")))
                .containsExactlyInAnyOrder("train.globalBatch", "train.microBatch");
    }

    @Test
    void theMessageSaysIt() {
        ConfigException thrown =
                catchThrowableOfType(ConfigException.class, () -> Configs.parse(Configs.MINIMAL, "train.lr=1"));
        assertThat(thrown.problems())
                .singleElement()
                .asString()
                .startsWith("--set train.lr=1: train.lr: unknown key; did you mean 'train.optimizer.learningRate'?");
    }

    @Test
    void nonsenseStaysInItsSection() {
        assertThat(new KeySuggestion(PATHS).of("zzzzzzzzzzzz", "checkpoint", siblings("checkpoint")))
                .singleElement()
                .asString()
                .startsWith("checkpoint.");
        assertThat(new KeySuggestion(PATHS).of("", "checkpoint", siblings("checkpoint")))
                .hasSize(1);
    }

    @Test
    void ourOwnKeysAreFoundWhereverTheyAreWritten() {
        for (String path : PATHS) {
            String leaf = path.substring(path.lastIndexOf('.') + 1);
            String snake = leaf.replaceAll("(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
            String expected = siblings("").contains(leaf) ? leaf : path;
            assertThat(new KeySuggestion(PATHS).of(snake, "", siblings(""))).contains(expected);
        }
    }

    @Test
    void otherNamesLeadToKeysThatExist() {
        assertThat(new TreeSet<>(UsualNames.targets())).isSubsetOf(PATHS);
    }

    @Test
    void abbreviationsTakeALetterOfEveryWord() {
        KeyWords learningRate = KeyWords.of("learningRate");
        assertThat(KeyWords.of("lr").abbreviates(learningRate)).isTrue();
        assertThat(KeyWords.of("learn_rate").abbreviates(learningRate)).isTrue();
        assertThat(KeyWords.of("learning").abbreviates(learningRate)).isFalse();
        assertThat(KeyWords.of("rate").abbreviates(learningRate)).isFalse();
        assertThat(KeyWords.of("").abbreviates(learningRate)).isFalse();
        assertThat(KeyWords.of("_").abbreviates(KeyWords.of("-"))).isFalse();
    }
}
