package io.github.gptmoe.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Rules over all modules together. */
@AnalyzeClasses(packages = "io.github.gptmoe", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule MODULES_USE_ONLY_THOSE_BELOW = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("router")
            .definedBy("io.github.gptmoe.router..")
            .layer("data")
            .definedBy("io.github.gptmoe.data..")
            .layer("core")
            .definedBy("io.github.gptmoe.core..")
            .layer("train")
            .definedBy("io.github.gptmoe.train..")
            .optionalLayer("eval")
            .definedBy("io.github.gptmoe.eval..")
            .layer("cli")
            .definedBy("io.github.gptmoe.cli..")
            .whereLayer("router")
            .mayNotAccessAnyLayer()
            .whereLayer("data")
            .mayNotAccessAnyLayer()
            .whereLayer("core")
            .mayOnlyAccessLayers("router")
            .whereLayer("train")
            .mayOnlyAccessLayers("core", "router", "data")
            .whereLayer("eval")
            .mayOnlyAccessLayers("train", "core", "router", "data");

    @ArchTest
    static final ArchRule ONLY_KERNELS_TOUCH_THE_ENGINE = noClasses()
            .that()
            .resideOutsideOfPackage("..core.kernel..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("ai.djl.pytorch..", "com.sun.jna..")
            .because("what DJL does not promise may change with any version, so it stays behind one package");

    @ArchTest
    static final ArchRule NO_STATIC_STATE =
            fields().that().areStatic().should().beFinal().because("several devices and several runs share one JVM");

    @ArchTest
    static final ArchRule ONLY_MAIN_ENDS_THE_PROCESS = noClasses()
            .that()
            .doNotBelongToAnyOf(Main.class)
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class);

    @ArchTest
    static final ArchRule ONLY_MAIN_KNOWS_THE_STANDARD_STREAMS = noClasses()
            .that()
            .doNotBelongToAnyOf(Main.class)
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    @ArchTest
    static final ArchRule ONE_LOGGING_API =
            noClasses().should().dependOnClassesThat().resideInAPackage("java.util.logging..");
}
