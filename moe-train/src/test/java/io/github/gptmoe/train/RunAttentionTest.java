package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.attention.AttentionChoice;
import io.github.gptmoe.train.attention.AttentionResolver;
import io.github.gptmoe.train.config.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run records the form of attention it began with, and keeps it. */
class RunAttentionTest {
    private static final AttentionResolver FUSED =
            run -> new AttentionChoice(NamedAttention.FUSED, "chosen by the test");
    private static final AttentionResolver NOT_AGAIN = run -> {
        throw new AssertionError("a continued run chose its attention again");
    };

    @TempDir
    Path folder;

    private TinyRun.Heard train(RunConfig config, String run, Resume resume, AttentionResolver resolver, long stopAt) {
        StopRequest stop = new StopRequest();
        TinyRun.Heard heard = new TinyRun.Heard(step -> {
            if (step == stopAt) {
                stop.request();
            }
        });
        new Pretraining(config, new RunFolder(folder.resolve(run)), resume, heard, stop, resolver, Devices.one()).run();
        return heard;
    }

    private TinyRun.Heard train(RunConfig config, String run, AttentionResolver resolver, long stopAt) {
        return train(config, run, Resume.auto(), resolver, stopAt);
    }

    private String recorded(String run) {
        return new RunFolder(folder.resolve(run)).readConfig().train().attention();
    }

    @Test
    void aContinuedRunKeepsWhatWasChosenAndItsBits() {
        RunConfig open = TinyRun.config();
        TinyRun.Heard whole = train(TinyRun.config("train.attention=fused"), "whole", NOT_AGAIN, -1);
        assertThat(train(open, "rule", AttentionResolver.fixedRule(), -1).losses())
                .as("another form must differ in rounding, or this test proves nothing")
                .isNotEqualTo(whole.losses());
        TinyRun.Heard before = train(open, "parts", FUSED, 6);
        assertThat(before.messages).containsOnlyOnce("attention: fused (chosen by the test)");
        assertThat(recorded("parts")).isEqualTo("fused");
        TinyRun.Heard after = train(open, "parts", NOT_AGAIN, -1);
        assertThat(after.messages).contains("attention: fused (as the run began)");
        assertThat(recorded("parts")).isEqualTo("fused");
        List<Double> joined = new ArrayList<>(before.losses());
        joined.addAll(after.losses());
        assertThat(joined).isEqualTo(whole.losses());
        assertThat(after.validations.get(after.validations.size() - 1))
                .as("validation computes with the run's form too")
                .isEqualTo(whole.validations.get(whole.validations.size() - 1));
    }

    /** As a run leaves its folder that is killed in its first steps. */
    private void begin(RunConfig config, String run) {
        RunFolder begun = new RunFolder(folder.resolve(run));
        begun.create();
        begun.writeConfig(config);
    }

    @Test
    void aRunKilledBeforeItsFirstCheckpointKeepsItsForm() {
        begin(TinyRun.config("train.attention=fused"), "run");
        TinyRun.Heard heard = train(TinyRun.config("train.steps=1"), "run", NOT_AGAIN, -1);
        assertThat(heard.messages).contains("attention: fused (as the run began)");
        assertThat(recorded("run")).isEqualTo("fused");
        begin(TinyRun.config("train.attention=fused"), "named");
        assertThat(train(TinyRun.config("train.steps=1", "train.attention=sdpa"), "named", NOT_AGAIN, -1).messages)
                .contains("attention: sdpa (train.attention)");
    }

    @Test
    void whatIsNoContinuationChoosesAnew() throws IOException {
        RunConfig now = TinyRun.config("train.steps=1");
        AttentionResolver rule = AttentionResolver.fixedRule();
        begin(TinyRun.config("train.attention=fused", "model.heads=4"), "model");
        train(now, "model", rule, -1);
        assertThat(recorded("model")).isEqualTo("block-128");
        begin(TinyRun.config("train.attention=fused", "train.precision=bf16"), "precision");
        train(now, "precision", rule, -1);
        assertThat(recorded("precision")).isEqualTo("block-128");
        begin(TinyRun.config("train.attention=fused"), "never");
        train(now, "never", Resume.never(), rule, -1);
        assertThat(recorded("never")).isEqualTo("block-128");
        begin(now, "damaged");
        Files.writeString(folder.resolve("damaged/config.yaml"), "model: 7");
        TinyRun.Heard heard = train(now, "damaged", rule, -1);
        assertThat(heard.messages).anyMatch(text -> text.startsWith("warning: ") && text.contains("config.yaml"));
        assertThat(recorded("damaged")).isEqualTo("block-128");
    }

    @Test
    void aNameInTheConfigurationIsTakenWithoutAsking() {
        TinyRun.Heard heard = train(TinyRun.config("train.attention=sdpa", "train.steps=1"), "run", NOT_AGAIN, -1);
        assertThat(heard.messages).contains("attention: sdpa (train.attention)");
        assertThat(recorded("run")).isEqualTo("sdpa");
    }

    @Test
    void aRunIsSwitchedByNameOnlyAndIsToldWhatThatMeans() {
        train(TinyRun.config("train.steps=2", "train.attention=fused"), "run", NOT_AGAIN, -1);
        TinyRun.Heard heard = train(TinyRun.config("train.steps=4", "train.attention=block-64"), "run", NOT_AGAIN, -1);
        assertThat(heard.messages)
                .contains(
                        "attention: block-64 (train.attention; the run had fused before, so its losses change by rounding)");
        assertThat(recorded("run")).isEqualTo("block-64");
        assertThat(heard.steps).hasSize(2);
    }

    @Test
    void aRunMadeBeforeFormsHadNamesGoesOnByTheFixedRule() throws IOException {
        train(TinyRun.config("train.steps=4"), "run", AttentionResolver.fixedRule(), -1);
        Path yaml = folder.resolve("run/config.yaml");
        String text = Files.readString(yaml);
        assertThat(text).contains("  attention: block-128\n");
        Files.writeString(yaml, text.replace("  attention: block-128\n", ""));
        TinyRun.Heard heard = train(TinyRun.config("train.steps=8"), "run", NOT_AGAIN, -1);
        assertThat(heard.messages).contains("attention: block-128 (as the run began)");
    }

    @Test
    void aRunFromAnotherRunsCheckpointTakesItsFormInTheSamePrecisionOnly() {
        train(TinyRun.config("train.steps=4"), "run", FUSED, -1);
        Resume from = Resume.from(folder.resolve("run/checkpoints/step-00000004"));
        train(TinyRun.config("train.steps=5"), "same", from, NOT_AGAIN, -1);
        assertThat(recorded("same")).isEqualTo("fused");
        train(
                TinyRun.config("train.steps=5", "train.precision=bf16"),
                "other",
                from,
                AttentionResolver.fixedRule(),
                -1);
        assertThat(recorded("other")).isEqualTo("block-256");
    }

    @Test
    void aFormThatTheDeviceCannotRunIsRefusedWithThoseThatItCan() {
        RunConfig config = TinyRun.config("train.attention=fused");
        assertThat(RunAttention.on(Device.cpu(), config)).isEqualTo(NamedAttention.FUSED);
        assertThatThrownBy(() -> RunAttention.on(Device.gpu(), config))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("train.attention: 'fused' does not run on gpu(0)")
                .hasMessageContaining("--set train.attention=sdpa")
                .satisfies(refused ->
                        assertThat(((InputException) refused).kind()).isEqualTo(InputException.Kind.CONFIGURATION));
        assertThatThrownBy(() -> RunAttention.choose(config, Optional.empty(), NOT_AGAIN, Device.gpu()))
                .as("refused when it is chosen, before anything is written")
                .isInstanceOf(InputException.class)
                .hasMessageContaining("does not run on gpu(0)");
    }
}
