package io.github.gptmoe.router;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.github.gptmoe.router", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule NO_STATIC_STATE = fields().that().areStatic().should().beFinal();

    @ArchTest
    static final ArchRule ROUTERS_HAVE_NO_STATE = fields().that()
            .areDeclaredInClassesThat()
            .areAssignableTo(Router.class)
            .should()
            .beFinal();

    @ArchTest
    static final ArchRule NO_ENGINE =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("ai.djl.pytorch..", "com.sun.jna..");

    @ArchTest
    static final ArchRule NO_GRADIENT_COLLECTOR =
            noClasses().should().dependOnClassesThat().haveFullyQualifiedName("ai.djl.training.GradientCollector");

    @ArchTest
    static final ArchRule READS_ALONE = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.github.gptmoe.router..",
                    "ai.djl..",
                    "com.fasterxml.jackson.annotation..",
                    "org.jspecify.annotations..",
                    "java..");

    /** Backward reads these operands, and DJL leaves a number's operand in a Java buffer that nothing holds. */
    @ArchTest
    static final ArchRule NO_NUMBERS_THAT_BACKWARD_NEEDS = noClasses()
            .should()
            .callMethod(NDArray.class, "mul", Number.class)
            .orShould()
            .callMethod(NDArray.class, "div", Number.class)
            .orShould()
            .callMethod(NDArray.class, "pow", Number.class)
            .because("RoutingScope.constant holds the number in memory of libtorch's own");
}
